using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("OrleansChat.Cluster.Tests")]
