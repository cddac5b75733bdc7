using OrleansChat.Core.Turns.Commands;

namespace OrleansChat.Core.Tests.Turns.Commands;

public sealed class IntentReaderTests
{
    [Theory]
    [InlineData("/search how turns survive", IntentKind.Search, "how turns survive")]
    [InlineData("  /code\tParser.Read ", IntentKind.Code, "Parser.Read")]
    [InlineData("/usage", IntentKind.Usage, "")]
    [InlineData("/help", IntentKind.Help, "")]
    [InlineData("/search", IntentKind.Search, "")]
    public void Read_ACommand_IsCertain(string message, IntentKind kind, string argument)
    {
        var intent = IntentReader.Read(message);

        Assert.Equal(new Intent(kind, 1, argument), intent);
        Assert.True(intent.IsCommand);
    }

    [Theory]
    [InlineData("What does an actor promise?")]
    [InlineData("/searching is fun")]
    [InlineData("Tell me about /search")]
    [InlineData("/unknown command")]
    [InlineData("")]
    public void Read_AnythingElse_IsAQuestion(string message) => Assert.Equal(Intent.Question, IntentReader.Read(message));

    [Theory]
    [InlineData("How much have I spent this month?", IntentKind.Usage)]
    [InlineData("help", IntentKind.Help)]
    [InlineData("Who calls the Flush method?", IntentKind.Code)]
    [InlineData("Search for leases", IntentKind.Search)]
    public void Read_PlainLanguageThatReadsLikeACommand_IsAGuessAndNoCommand(string message, IntentKind kind)
    {
        var intent = IntentReader.Read(message);

        Assert.Equal(kind, intent.Kind);
        Assert.InRange(intent.Confidence, 0.1, 0.9);
        Assert.False(intent.IsCommand);
    }
}
