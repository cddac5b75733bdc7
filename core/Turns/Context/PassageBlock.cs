using System.Globalization;
using System.Text;

namespace OrleansChat.Core.Turns.Context;

/// <summary>Passages as the model reads them: numbered, each with its place.</summary>
internal static class PassageBlock
{
    /// <summary>Bytes that one passage takes at most, its heading included; a longer text is cut.</summary>
    public const int MaxBytesPerPassage = 2_560;

    private const int MaxTextBytes = 2_048;
    private const int MaxHeadingCharacters = 120;

    private const string Instruction =
        "Answer from the numbered passages below where they help, and cite each one you use by its number in brackets, such as [1]. "
        + "If they do not hold the answer, say so.";

    /// <summary>An upper bound of the block's tokens.</summary>
    public static long UpperBound(int passages) => passages == 0 ? 0 : TokenEstimate.UpperBound(Instruction) + ((long)passages * MaxBytesPerPassage);

    /// <summary>Writes the first passages that fit.</summary>
    /// <param name="passages">The passages, best first.</param>
    /// <param name="tokens">What the block may take.</param>
    /// <param name="used">The passages that are in the block.</param>
    /// <returns>The block; empty when nothing fits.</returns>
    public static string Write(IReadOnlyList<Passage> passages, long tokens, out IReadOnlyList<Passage> used)
    {
        var block = new StringBuilder(Instruction);
        var left = tokens - TokenEstimate.Count(Instruction);
        var count = 0;
        foreach (var passage in passages)
        {
            var entry = Write(passage);
            left -= TokenEstimate.Count(entry);
            if (left < 0)
                break;

            block.Append(entry);
            count++;
        }

        used = count == passages.Count ? passages : [.. passages.Take(count)];
        return count == 0 ? "" : block.ToString();
    }

    private static string Write(Passage passage)
    {
        var place = passage.Citation;
        var heading = Cut(passage.Title ?? place.Path ?? place.DocumentId, MaxHeadingCharacters);
        var lines = place.StartLine is { } start ? string.Create(CultureInfo.InvariantCulture, $", lines {start} to {place.EndLine ?? start}") : "";
        return string.Create(CultureInfo.InvariantCulture, $"\n\n[{place.N}] {heading}{lines}\n{CutBytes(passage.Text)}");
    }

    private static string Cut(string text, int length) => text.Length <= length ? text : text[..Whole(text, length)];

    private static string CutBytes(string text)
    {
        if (Encoding.UTF8.GetByteCount(text) <= MaxTextBytes)
            return text;

        // The encoder stops before the character that no longer fits.
        Span<byte> bytes = stackalloc byte[MaxTextBytes];
        Encoding.UTF8.GetEncoder().Convert(text, bytes, flush: false, out var characters, out _, out _);
        return text[..Whole(text, characters)];
    }

    private static int Whole(string text, int length) => length > 0 && char.IsHighSurrogate(text[length - 1]) ? length - 1 : length;
}
