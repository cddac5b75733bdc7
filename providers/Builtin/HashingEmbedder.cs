using System.Numerics.Tensors;
using OrleansChat.Core.Search.Analysis;

namespace OrleansChat.Providers.Builtin;

/// <summary>
/// Feature hashing with signs (K. Weinberger et al., "Feature Hashing for Large Scale Multitask Learning", ICML 2009): every stemmed word and
/// every character n-gram adds ±weight (1 + ln frequency) at a place that its hash decides; the sum is scaled to unit length.
/// A word weighs the square root of its length, as long words are rarer and say more; there is no corpus here to count them in.
/// </summary>
internal sealed class HashingEmbedder(HashingEmbeddingOptions options)
{
    private const ulong WordSeed = 0;
    private const ulong NgramSeed = 0x9E3779B97F4A7C15;
    private const char WordEnd = '\u0002';

    /// <summary>The vector of a text; zeros when it has no words.</summary>
    public float[] Embed(ReadOnlySpan<char> text, int dimensions)
    {
        var terms = new TermBuffer();
        EnglishAnalyzer.Instance.Analyze(text, terms);

        var features = new FeatureCounts(terms.Count * 4);
        Span<char> framed = stackalloc char[EnglishAnalyzer.MaxTermLength + 2];
        for (var i = 0; i < terms.Count; i++)
        {
            features.Add(StableHash.Of(terms[i], WordSeed), Math.Sqrt(terms[i].Length));
            if (options.NgramWeight > 0)
                CountNgrams(ref features, Frame(terms[i], framed));
        }

        var vector = new float[dimensions];
        for (var i = 0; i < features.Count; i++)
        {
            ref readonly var feature = ref features[i];
            var signed = (float)(feature.Count == 1 ? feature.Weight : feature.Weight * (1 + Math.Log(feature.Count)));
            vector[(int)(feature.Hash % (uint)dimensions)] += (feature.Hash >> 63) == 0 ? signed : -signed;
        }

        features.Dispose();
        return Normalize(vector);
    }

    private static ReadOnlySpan<char> Frame(ReadOnlySpan<char> word, Span<char> framed)
    {
        framed[0] = framed[word.Length + 1] = WordEnd;
        word.CopyTo(framed[1..]);
        return framed[..(word.Length + 2)];
    }

    private void CountNgrams(ref FeatureCounts features, scoped ReadOnlySpan<char> word)
    {
        for (var start = 0; start + options.NgramLength <= word.Length; start++)
            features.Add(StableHash.Of(word.Slice(start, options.NgramLength), NgramSeed), options.NgramWeight);
    }

    private static float[] Normalize(float[] vector)
    {
        var norm = TensorPrimitives.Norm<float>(vector);
        if (norm > 0)
            TensorPrimitives.Divide(vector, norm, vector);
        return vector;
    }
}
