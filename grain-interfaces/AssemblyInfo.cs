using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("OrleansChat.GrainInterfaces.Tests")]
[assembly: InternalsVisibleTo("OrleansChat.Grains.Tests")]
