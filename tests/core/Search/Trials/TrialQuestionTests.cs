using OrleansChat.Core.Search.Trials;

namespace OrleansChat.Core.Tests.Search.Trials;

public sealed class TrialQuestionTests
{
    [Fact]
    public void For_APassage_IsTwelveWordsOfItsMiddle()
    {
        var text = string.Join("\n ", Enumerable.Range(0, 30).Select(word => $"w{word}"));
        Assert.Equal("w9 w10 w11 w12 w13 w14 w15 w16 w17 w18 w19 w20", TrialQuestion.For(text));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(23)]
    public void For_AShortPassage_IsNone(int words) => Assert.Null(TrialQuestion.For(string.Join(' ', Enumerable.Repeat("word", words))));
}
