using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("OrleansChat.GatewayApi.Tests")]
