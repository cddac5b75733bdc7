using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("OrleansChat.Bench.Tests")]
[assembly: InternalsVisibleTo("OrleansChat.Cluster.Bench")]
[assembly: InternalsVisibleTo("OrleansChat.Cluster.Tests")]
