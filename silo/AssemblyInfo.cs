using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("OrleansChat.ClientGateway.Tests")]
[assembly: InternalsVisibleTo("OrleansChat.Cluster.Bench")]
[assembly: InternalsVisibleTo("OrleansChat.Silo.Tests")]
