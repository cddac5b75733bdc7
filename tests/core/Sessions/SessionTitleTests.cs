using OrleansChat.Core.Sessions;

namespace OrleansChat.Core.Tests.Sessions;

public sealed class SessionTitleTests
{
    [Theory]
    [InlineData("Hello", "Hello")]
    [InlineData("  two\n\n lines\there ", "two lines here")]
    [InlineData("This sentence is a good deal longer than sixty characters, so it is cut", "This sentence is a good deal longer than sixty characters,…")]
    [InlineData("     ", null)]
    public void Of_AMessage_IsItsBeginningOnOneLine(string message, string? title) => Assert.Equal(title, SessionTitle.Of(message));

    [Fact]
    public void Of_AWordWithoutEnd_IsCutBetweenCharacters()
    {
        var title = SessionTitle.Of("a" + string.Concat(Enumerable.Repeat("😀", 100)));

        Assert.Equal("a" + string.Concat(Enumerable.Repeat("😀", 29)) + "…", title);
    }
}
