using OrleansChat.Core.Turns.Streaming;

namespace OrleansChat.Core.Tests.Turns;

public sealed class AnswerTextTests
{
    [Fact]
    public void Add_ToTheLastCharacter_CutsNothing()
    {
        var text = new AnswerText(5);

        Assert.Equal("abc", text.Add("abc"));
        Assert.Equal("de", text.Add("de"));

        Assert.Equal((false, "abcde"), (text.IsCut, text.ToString()));
    }

    [Fact]
    public void Add_BeyondTheEnd_AddsWhatThereIsRoomFor()
    {
        var text = new AnswerText(5);
        text.Add("abc");

        Assert.Equal("de", text.Add("def"));
        Assert.Equal("", text.Add("g"));

        Assert.Equal((true, "abcde"), (text.IsCut, text.ToString()));
    }

    [Fact]
    public void Add_OfACharacterThatFitsByHalf_LeavesItOut()
    {
        var text = new AnswerText(3);

        Assert.Equal("ab", text.Add("ab😀"));

        Assert.Equal((true, "ab"), (text.IsCut, text.ToString()));
    }
}
