using Microsoft.Extensions.AI;
using OrleansChat.Core.Sessions;
using OrleansChat.Core.Turns;
using OrleansChat.Core.Turns.Context;
using OrleansChat.Testing;
using Xunit.Abstractions;

namespace OrleansChat.Core.Tests.Turns.Context;

public sealed class ContextBuilderTests(ITestOutputHelper output)
{
    private int _read;

    [Fact]
    public async Task Build_WhenAllFits_SendsThePathInOrder()
    {
        var context = await BuildAsync(1_000, "Be brief.", [], ["one", "two", "three"], "four");

        Assert.Equal(["Be brief.", "one", "two", "three", "four"], context.Messages.Select(message => message.Text));
        Assert.Equal(
            [ChatRole.System, ChatRole.Assistant, ChatRole.User, ChatRole.Assistant, ChatRole.User], context.Messages.Select(message => message.Role));
        Assert.Equal(ContextCoverage.Whole, context.Coverage);
    }

    [Fact]
    public async Task Build_WithNothingToTellTheModelFirst_SendsNoSystemMessage()
    {
        var context = await BuildAsync(1_000, null, [], [], "question");

        Assert.Equal(ChatRole.User, Assert.Single(context.Messages).Role);
    }

    [Fact]
    public async Task Build_WhenTheOldestDoNotFit_LeavesThemOutSaysSoAndDoesNotReadThem()
    {
        var history = Enumerable.Range(0, 10_000).Select(number => $"message number {number}").ToList();

        var context = await BuildAsync(200, "Be brief.", [], history, "question");

        Assert.Equal(ContextCoverage.Partial, context.Coverage);
        Assert.StartsWith("Be brief.\n\nThe beginning of this conversation was left out", context.Messages[0].Text, StringComparison.Ordinal);
        Assert.Equal("message number 9999", context.Messages[^2].Text);
        Assert.Equal(context.Messages.Count - 2 + 1, _read);
    }

    [Fact]
    public async Task Build_WithPassages_NumbersThemAndKeepsWithinTheirShare()
    {
        var passages = Enumerable.Range(1, 20).Select(n => new Passage(new Citation(n, $"doc{n}"), null, string.Concat(Enumerable.Repeat("word ", 50)))).ToList();

        var context = await BuildAsync(1_000, null, passages, ["one"], "question");

        Assert.InRange(context.Passages.Count, 1, 5);
        Assert.Contains("[1] doc1\nword", context.Messages[0].Text, StringComparison.Ordinal);
        Assert.DoesNotContain($"[{context.Passages.Count + 1}]", context.Messages[0].Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Build_OfAnything_KeepsWithinTheWindowAndWithinWhatIsReserved()
    {
        var random = Seed.Print(output);
        for (var round = 0; round < 300; round++)
        {
            var window = new ContextWindow(random.Next(200, 3_000), 0, 100);
            window = window with { Passages = window.Input / 4 };
            var system = Text(random, 40);
            var question = Text(random, 60);
            var history = Enumerable.Range(0, random.Next(0, 60)).Select(_ => Text(random, 80)).ToList();
            var passages = Enumerable.Range(1, random.Next(0, 7))
                .Select(n => new Passage(new Citation(n, Text(random, 30), null, 1, 99), Text(random, 50), Text(random, 900))).ToList();
            if (ContextBuilder.Fixed(system, question) > window.Input)
                continue;

            var context = await ContextBuilder.BuildAsync(window, system, passages, HistoryAsync(history), question);

            var counted = context.Messages.Sum(message => TokenEstimate.Count(message.Text));
            Assert.InRange(counted, 0, window.Input);
            Assert.Equal(question, context.Messages[^1].Text);

            var path = history.Append(question).Sum(text => TokenEstimate.UpperBound(text) + TokenEstimate.PerMessage);
            var reserved = ContextBuilder.UpperBound(system) + PassageBlock.UpperBound(passages.Count) + path;
            var sent = context.Messages.Sum(message => TokenEstimate.UpperBound(message.Text) + TokenEstimate.PerMessage);
            Assert.InRange(sent, 0, reserved);
        }
    }

    [Theory]
    [InlineData("As [1] says.", "1")]
    [InlineData("See [2, 1] and [2].", "1 2")]
    [InlineData("See [3], [0], [12345], [], [a], a[1", "")]
    [InlineData("[1][2]", "1 2")]
    public void QuotedCitations_InAnAnswer_AreTheKnownNumbersInBrackets(string text, string expected)
    {
        var passages = new[] { new Passage(new Citation(1, "a"), null, ""), new Passage(new Citation(2, "b"), null, "") };

        Assert.Equal(expected, string.Join(' ', QuotedCitations.In(text, passages).Select(citation => citation.N)));
    }

    private static string Text(Random random, int words) =>
        string.Join(' ', Enumerable.Range(0, random.Next(0, words)).Select(_ => random.Next(6) switch { 0 => "日本", 1 => "👩‍👧", 2 => "x", _ => "wording" }));

    private async Task<TurnContext> BuildAsync(int input, string? system, IReadOnlyList<Passage> passages, List<string> history, string question) =>
        await ContextBuilder.BuildAsync(new ContextWindow(input, input / 4, 100), system, passages, HistoryAsync(history), question);

    private async IAsyncEnumerable<SessionMessage> HistoryAsync(List<string> history)
    {
        for (var index = history.Count - 1; index >= 0; index--)
        {
            await Task.Yield();
            _read++;
            var role = (history.Count - 1 - index) % 2 == 0 ? MessageRole.Assistant : MessageRole.User;
            yield return new SessionMessage { Id = "id", Role = role, Content = history[index], CreatedAt = DateTimeOffset.UnixEpoch };
        }
    }
}
