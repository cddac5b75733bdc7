using OrleansChat.Core.Turns.Streaming;

namespace OrleansChat.Core.Tests.Turns;

public sealed class AnswerLengthTests
{
    [Fact]
    public void Take_ToTheLastCharacter_CutsNothing()
    {
        var length = new AnswerLength(5);

        Assert.Equal("abc", length.Take("abc"));
        Assert.Equal("de", length.Take("de"));

        Assert.False(length.IsCut);
    }

    [Fact]
    public void Take_BeyondTheEnd_TakesWhatThereIsRoomFor()
    {
        var length = new AnswerLength(5);
        length.Take("abc");

        Assert.Equal("de", length.Take("def"));
        Assert.Equal("", length.Take("g"));

        Assert.True(length.IsCut);
    }

    [Fact]
    public void Take_OfACharacterThatFitsByHalf_LeavesItOut()
    {
        var length = new AnswerLength(3);

        Assert.Equal("ab", length.Take("ab😀"));

        Assert.True(length.IsCut);
    }
}
