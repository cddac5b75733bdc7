namespace OrleansChat.Core.Search.Trials;

/// <summary>
/// Adds up where each ranking puts the passages that were asked for, by mean reciprocal rank (E. M. Voorhees, "The TREC-8 Question Answering
/// Track Report", 1999), and makes a weight of it.
/// </summary>
public sealed class TrialScore
{
    /// <summary>Further down than this a passage counts as not found.</summary>
    public const int Depth = 10;

    // A model that finds half of what words find is far less than half as much use to them: most of what it puts first is wrong. The third
    // power was chosen on two collections and four models; bench/README.md has the figures.
    private const double Power = 3;

    // Fewer questions than these say little.
    private const int LeastQuestions = 8;

    private int _questions;
    private double _dense;
    private double _lexical;

    /// <summary>Adds a question.</summary>
    /// <param name="dense">The passage's rank by vectors, from 1; null when it was not found.</param>
    /// <param name="lexical">Its rank by words, from 1; null when it was not found.</param>
    public void Add(int? dense, int? lexical)
    {
        _questions++;
        _dense += 1.0 / dense ?? 0;
        _lexical += 1.0 / lexical ?? 0;
    }

    /// <summary>The weight of the dense ranking.</summary>
    /// <value>0 to 1; null when there were too few questions, or words found nothing either.</value>
    public double? Weight => _questions < LeastQuestions || _lexical == 0 ? null : Math.Pow(Math.Min(1, _dense / _lexical), Power);
}
