namespace OrleansChat.Core.Search.Analysis;

/// <summary>
/// The suffix stripper of M. F. Porter, "An algorithm for suffix stripping", Program 14(3), 1980, with the three points in which
/// Porter's own later implementations (and Lucene's) differ from the paper: words of one or two letters stay, the suffix
/// <c>bli</c> replaces <c>abli</c>, and <c>logi</c> becomes <c>log</c> in step 2.
/// </summary>
public static class PorterStemmer
{
    // Steps 2, 3 and 4 of the paper: the first suffix that ends the word decides, longer ones before their own endings.
    private static readonly (string Suffix, string Replacement)[] Step2 =
    [
        ("ational", "ate"), ("tional", "tion"), ("enci", "ence"), ("anci", "ance"), ("izer", "ize"), ("bli", "ble"), ("alli", "al"),
        ("entli", "ent"), ("eli", "e"), ("ousli", "ous"), ("ization", "ize"), ("ation", "ate"), ("ator", "ate"), ("alism", "al"),
        ("iveness", "ive"), ("fulness", "ful"), ("ousness", "ous"), ("aliti", "al"), ("iviti", "ive"), ("biliti", "ble"), ("logi", "log"),
    ];

    private static readonly (string Suffix, string Replacement)[] Step3 =
    [
        ("icate", "ic"), ("ative", ""), ("alize", "al"), ("iciti", "ic"), ("ical", "ic"), ("ful", ""), ("ness", ""),
    ];

    private static readonly string[] Step4 =
    [
        "al", "ance", "ence", "er", "ic", "able", "ible", "ant", "ement", "ment", "ent", "ion", "ou", "ism", "ate", "iti", "ous", "ive", "ize",
    ];

    /// <summary>Stems a word in place.</summary>
    /// <param name="word">A word in lower case; one with anything but the letters a to z is left as it is.</param>
    /// <returns>The length of the stem, which starts where the word does.</returns>
    public static int Stem(Span<char> word)
    {
        if (word.Length <= 2 || word.ContainsAnyExceptInRange('a', 'z'))
            return word.Length;

        var length = StripPlural(word, word.Length);
        length = StripPastAndGerund(word, length);
        length = TurnFinalY(word, length);
        length = ReplaceSuffix(word, length, Step2);
        length = ReplaceSuffix(word, length, Step3);
        length = StripLastSuffix(word, length);
        return TidyEnd(word, length);
    }

    // Step 1a: caresses -> caress, ponies -> poni, cats -> cat.
    private static int StripPlural(ReadOnlySpan<char> word, int length)
    {
        var end = word[..length];
        if (end.EndsWith("sses") || end.EndsWith("ies"))
            return length - 2;
        return end.EndsWith("s") && !end.EndsWith("ss") ? length - 1 : length;
    }

    // Step 1b: agreed -> agree, plastered -> plaster, motoring -> motor, and a tidy end: conflat(ed) -> conflate, hopp(ing) -> hop.
    private static int StripPastAndGerund(Span<char> word, int length)
    {
        var end = word[..length];
        if (end.EndsWith("eed"))
            return PorterMeasure.Of(end[..^3]) > 0 ? length - 1 : length;

        var suffix = end.EndsWith("ed") ? 2 : end.EndsWith("ing") ? 3 : 0;
        if (suffix == 0 || !PorterMeasure.HasVowel(end[..^suffix]))
            return length;

        length -= suffix;
        var stem = word[..length];
        if (stem.EndsWith("at") || stem.EndsWith("bl") || stem.EndsWith("iz"))
            return AppendE(word, length);
        if (PorterMeasure.EndsWithDoubleConsonant(stem))
            return stem[^1] is 'l' or 's' or 'z' ? length : length - 1;
        return PorterMeasure.Of(stem) == 1 && PorterMeasure.EndsWithShortSyllable(stem) ? AppendE(word, length) : length;
    }

    // The removed suffix was two letters or more, so there is room for one.
    private static int AppendE(Span<char> word, int length)
    {
        word[length] = 'e';
        return length + 1;
    }

    // Step 1c: happy -> happi, but sky stays.
    private static int TurnFinalY(Span<char> word, int length)
    {
        if (word[length - 1] == 'y' && PorterMeasure.HasVowel(word[..(length - 1)]))
            word[length - 1] = 'i';
        return length;
    }

    private static int ReplaceSuffix(Span<char> word, int length, (string Suffix, string Replacement)[] rules)
    {
        foreach (var (suffix, replacement) in rules)
        {
            if (!word[..length].EndsWith(suffix))
                continue;
            var stem = length - suffix.Length;
            if (PorterMeasure.Of(word[..stem]) == 0)
                return length;
            replacement.CopyTo(word[stem..]);
            return stem + replacement.Length;
        }

        return length;
    }

    // Step 4: a suffix goes where the stem before it has a measure above 1; "ion" only after s or t.
    private static int StripLastSuffix(ReadOnlySpan<char> word, int length)
    {
        foreach (var suffix in Step4)
        {
            if (!word[..length].EndsWith(suffix))
                continue;
            var stem = word[..(length - suffix.Length)];
            if (suffix == "ion" && (stem.IsEmpty || stem[^1] is not ('s' or 't')))
                return length;
            return PorterMeasure.Of(stem) > 1 ? stem.Length : length;
        }

        return length;
    }

    // Step 5: probate -> probat, cease -> ceas, controll -> control.
    private static int TidyEnd(ReadOnlySpan<char> word, int length)
    {
        if (word[length - 1] == 'e')
        {
            var stem = word[..(length - 1)];
            var measure = PorterMeasure.Of(stem);
            if (measure > 1 || (measure == 1 && !PorterMeasure.EndsWithShortSyllable(stem)))
                length--;
        }

        var end = word[..length];
        return end[^1] == 'l' && PorterMeasure.EndsWithDoubleConsonant(end) && PorterMeasure.Of(end) > 1 ? length - 1 : length;
    }
}
