using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("OrleansChat.Providers.Tests")]
