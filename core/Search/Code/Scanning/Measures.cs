using System.Buffers;
using System.Collections.Frozen;
using System.Text;

namespace OrleansChat.Core.Search.Code.Scanning;

/// <summary>What is told of a symbol beside its text.</summary>
internal static class Measures
{
    private const int MaxSignature = 300;

    private static readonly FrozenSet<string> Decisions = FrozenSet.ToFrozenSet(
        ["if", "elif", "for", "foreach", "while", "case", "catch", "except", "when", "loop", "match", "and", "or"], StringComparer.Ordinal);

    private static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> BySpan = Decisions.GetAlternateLookup<ReadOnlySpan<char>>();
    private static readonly SearchValues<char> Starts = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_$0123456789&|?");

    /// <summary>One more than the decisions in a stretch of masked code.</summary>
    public static int Complexity(ReadOnlySpan<char> code)
    {
        var complexity = 1;
        while (code.IndexOfAny(Starts) is >= 0 and var next)
        {
            code = code[next..];
            var length = 1;
            if (Identifiers.IsPart(code[0]))
            {
                while (length < code.Length && Identifiers.IsPart(code[length]))
                    length++;
                complexity += BySpan.Contains(code[..length]) ? 1 : 0;
            }
            else if (code.Length > 1 && code[1] == code[0])
            {
                length = 2;
                complexity++;
            }
            else if (code[0] == '?' && code.Length > 1 && char.IsWhiteSpace(code[1]))
            {
                complexity++;
            }

            code = code[length..];
        }

        return complexity;
    }

    /// <summary>The declaration on one line, without its body.</summary>
    public static string Signature(ReadOnlySpan<char> declaration)
    {
        var signature = new StringBuilder();
        var isSpace = true;
        foreach (var character in declaration.TrimEnd())
        {
            var blank = char.IsWhiteSpace(character);
            if (!(blank && isSpace))
                signature.Append(blank ? ' ' : character);
            isSpace = blank;
            if (signature.Length == MaxSignature)
                return signature.Append('…').ToString();
        }

        return signature.ToString().TrimEnd(' ', '{', ';', ':');
    }
}
