using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("OrleansChat.VectorQdrant.Tests")]
