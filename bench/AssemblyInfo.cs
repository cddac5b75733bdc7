using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("OrleansChat.Bench.Tests")]
