using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("OrleansChat.Grains.Tests")]
