using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("OrleansChat.Standalone.Tests")]
