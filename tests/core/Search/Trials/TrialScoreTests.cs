using OrleansChat.Core.Search.Trials;

namespace OrleansChat.Core.Tests.Search.Trials;

public sealed class TrialScoreTests
{
    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(2, 1, 0.125)]
    [InlineData(4, 2, 0.125)]
    [InlineData(null, 1, 0)]
    public void Weight_IsTheThirdPowerOfTheRankings_Ratio(int? dense, int? lexical, double weight) =>
        Assert.Equal(weight, Score(8, dense, lexical).Weight!.Value, 12);

    [Fact]
    public void Weight_OfAModelBetterThanWords_IsThatOfWords() => Assert.Equal(1, Score(8, 1, 3).Weight);

    [Fact]
    public void Weight_OfFewQuestionsOrOfNothingFound_IsUnknown()
    {
        Assert.Null(Score(7, 1, 1).Weight);
        Assert.Null(Score(8, 1, null).Weight);
    }

    private static TrialScore Score(int questions, int? dense, int? lexical)
    {
        var score = new TrialScore();
        for (var i = 0; i < questions; i++)
            score.Add(dense, lexical);
        return score;
    }
}
