using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("OrleansChat.ClientGateway.Tests")]
