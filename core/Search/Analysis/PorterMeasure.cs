namespace OrleansChat.Core.Search.Analysis;

/// <summary>The conditions on stems that Porter's rules use.</summary>
internal static class PorterMeasure
{
    /// <summary>Porter's m: how many times a run of vowels is followed by a run of consonants.</summary>
    public static int Of(ReadOnlySpan<char> stem)
    {
        var measure = 0;
        var afterVowel = false;
        var consonant = false;
        for (var i = 0; i < stem.Length; i++)
        {
            consonant = IsConsonant(stem[i], i > 0, consonant);
            if (consonant && afterVowel)
                measure++;
            afterVowel = !consonant;
        }

        return measure;
    }

    /// <summary>Porter's *v*: the stem contains a vowel.</summary>
    public static bool HasVowel(ReadOnlySpan<char> stem)
    {
        var consonant = false;
        for (var i = 0; i < stem.Length; i++)
        {
            consonant = IsConsonant(stem[i], i > 0, consonant);
            if (!consonant)
                return true;
        }

        return false;
    }

    /// <summary>Porter's *d: the stem ends with a double consonant.</summary>
    public static bool EndsWithDoubleConsonant(ReadOnlySpan<char> stem) =>
        stem.Length >= 2 && stem[^1] == stem[^2] && IsConsonantAt(stem, stem.Length - 1);

    /// <summary>Porter's *o: the stem ends consonant, vowel, consonant, and the last is not w, x or y.</summary>
    public static bool EndsWithShortSyllable(ReadOnlySpan<char> stem) =>
        stem.Length >= 3 && stem[^1] is not ('w' or 'x' or 'y')
        && IsConsonantAt(stem, stem.Length - 1) && !IsConsonantAt(stem, stem.Length - 2) && IsConsonantAt(stem, stem.Length - 3);

    private static bool IsConsonantAt(ReadOnlySpan<char> stem, int index)
    {
        var consonant = false;
        for (var i = 0; i <= index; i++)
            consonant = IsConsonant(stem[i], i > 0, consonant);
        return consonant;
    }

    // A y is a vowel after a consonant, and a consonant elsewhere.
    private static bool IsConsonant(char letter, bool hasPrevious, bool previousIsConsonant) => letter switch
    {
        'a' or 'e' or 'i' or 'o' or 'u' => false,
        'y' => !hasPrevious || !previousIsConsonant,
        _ => true,
    };
}
