namespace OrleansChat.Core.Search.Chunking;

/// <summary>Places where a text may be cut: after a line, after a sentence, after a word, and otherwise between characters.</summary>
internal static class TextCuts
{
    /// <summary>
    /// The best place to cut in the second half of a text, or its end; never 0 and never inside a surrogate pair that the text holds whole.
    /// </summary>
    public static int LastWithin(ReadOnlySpan<char> text)
    {
        int sentence = 0, word = 0;
        for (var cut = text.Length; cut > text.Length / 2; cut--)
        {
            if (text[cut - 1] is '\n' or '\r')
                return cut;
            if (sentence == 0 && EndsSentence(text, cut))
                sentence = cut;
            if (word == 0 && char.IsWhiteSpace(text[cut - 1]))
                word = cut;
        }

        return sentence > 0 ? sentence : word > 0 ? word : text.Length;
    }

    /// <summary>The first place after a line or sentence, else the first after a word; negative when there is none before the end.</summary>
    public static int FirstWithin(ReadOnlySpan<char> text)
    {
        var word = -1;
        for (var cut = 1; cut < text.Length; cut++)
        {
            if (text[cut - 1] is '\n' or '\r' || EndsSentence(text, cut))
                return cut;
            if (word < 0 && char.IsWhiteSpace(text[cut - 1]))
                word = cut;
        }

        return word;
    }

    /// <summary>The length, or one less where a surrogate pair would be cut in two.</summary>
    public static int Whole(ReadOnlySpan<char> text, int length) =>
        length > 0 && length < text.Length && char.IsSurrogatePair(text[length - 1], text[length]) ? length - 1 : length;

    private static bool EndsSentence(ReadOnlySpan<char> text, int cut) =>
        text[cut - 1] is '。' or '！' or '？'
        || (cut >= 2 && char.IsWhiteSpace(text[cut - 1]) && text[cut - 2] is ('.' or '!' or '?'));
}
