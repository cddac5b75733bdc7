using System.Collections.Frozen;
using OrleansChat.Core.Search.Code.Scanning;

namespace OrleansChat.Core.Search.Code.Declarations;

/// <summary>Words that begin statements, which look like functions where no keyword says that something is one.</summary>
internal static class ControlWords
{
    private static readonly FrozenSet<string> Words = FrozenSet.ToFrozenSet(
    [
        "await", "case", "catch", "checked", "default", "delete", "do", "else", "fixed", "for", "foreach", "goto", "if", "lock", "nameof", "new",
        "return", "sizeof", "static_assert", "switch", "throw", "typeof", "unchecked", "using", "while", "yield",
    ], StringComparer.Ordinal);

    private static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> BySpan = Words.GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>Whether a token is such a word.</summary>
    public static bool Contains(Header header, int index) => BySpan.Contains(header.Text(index));
}
