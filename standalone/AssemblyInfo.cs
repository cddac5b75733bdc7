using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("OrleansChat.Standalone.Tests")]
[assembly: InternalsVisibleTo("OrleansChat.Contract.Tests")]
[assembly: InternalsVisibleTo("OrleansChat.Bench")]
