using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("OrleansChat.Core.Tests")]
