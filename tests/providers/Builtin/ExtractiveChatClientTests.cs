using Microsoft.Extensions.AI;
using OrleansChat.Core.Turns;
using OrleansChat.Providers.Builtin;
using OrleansChat.Testing;

namespace OrleansChat.Providers.Tests.Builtin;

public sealed class ExtractiveChatClientTests : IDisposable
{
    private static readonly Passage[] Passages =
    [
        new(new Citation(1, "storage", "docs/storage.md", 10, 24), "Storage", """
            # Storage

            The journal keeps every session. A torn tail is dropped when the journal is opened again, and the log says so.

            ```
            journal --repair
            ```

            - Compaction runs in the background and never blocks a writer for long.
            """),
        new(new Citation(2, "limits", "docs/limits.md", 3, 3), null, "Limits hold over every sliding window. A denied request consumes nothing."),
    ];

    private readonly ExtractiveChatClient _client = new(new FakeClock());

    public void Dispose() => _client.Dispose();

    [Fact]
    public async Task Answer_QuotesTheFittingSentencesWithCitations()
    {
        var response = await AskAsync("What happens to a torn tail of the journal?", Passages);

        Assert.Contains("> A torn tail is dropped when the journal is opened again, and the log says so. [1]", response.Text, StringComparison.Ordinal);
        Assert.Contains("[1] Storage (docs/storage.md, lines 10–24)", response.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("[2]", response.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Answer_LeavesOutSentencesThatShareLittleWithTheQuestion()
    {
        var text = (await AskAsync("Is a torn tail dropped when the journal opens?", Passages)).Text;

        Assert.DoesNotContain("The journal keeps every session.", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Answer_PutsThePassageWithTheBestSentenceFirst()
    {
        var text = (await AskAsync("What does a denied request consume, and what does the journal keep?", Passages)).Text;

        var best = text.IndexOf("> A denied request consumes nothing. [2]", StringComparison.Ordinal);
        Assert.InRange(best, 0, text.IndexOf("> The journal keeps every session. [1]", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Answer_FindsOtherFormsOfTheQuestionsWords()
        => Assert.Contains(
            "> Compaction runs in the background and never blocks a writer for long. [1]",
            (await AskAsync("Are writers ever blocking when it is compacted?", Passages)).Text,
            StringComparison.Ordinal);

    [Theory]
    [InlineData("/// <summary>\n/// Opens the journal of a folder, see <see cref=\"T:Journal.Folder\"/>.\n/// </summary>\n/// <param name=\"path\">Where it is.</param>\npublic static Journal Open(string path)", "Opens the journal of a folder, see Journal.Folder.")]
    [InlineData("// Opens the journal of a folder,\n// whatever it holds.\nJournal Open(string path);", "Opens the journal of a folder, whatever it holds.")]
    [InlineData("/**\n * Opens the journal of a folder,\n * whatever it holds.\n */\nJournal open(String path) {", "Opens the journal of a folder, whatever it holds.")]
    [InlineData("/* Opens the journal of a folder. */\nint open_journal(char *path);", "Opens the journal of a folder.")]
    public async Task Answer_QuotesCommentsWithoutTheirMarks(string source, string quote)
    {
        var text = (await AskAsync("Who opens the journal of a folder?", [new(new Citation(1, "a", "a.cs", 1, 9), null, source)])).Text;

        Assert.Contains($"> {quote} [1]", text, StringComparison.Ordinal);
        Assert.DoesNotContain("summary", text, StringComparison.Ordinal);
        Assert.DoesNotContain("//", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Answer_SaysThatNoLanguageModelIsConfigured()
        => Assert.StartsWith("No language model is configured", (await AskAsync("journal", Passages)).Text, StringComparison.Ordinal);

    [Fact]
    public async Task Answer_QuotesNoHeadingsAndNoCode()
    {
        var response = await AskAsync("How does journal --repair work with storage?", Passages);

        Assert.DoesNotContain("journal --repair", response.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("> # Storage", response.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Answer_FromTwoPassages_CitesBothInOrder()
    {
        var text = (await AskAsync("compaction writer; denied request", Passages)).Text;

        var first = text.IndexOf("> Compaction runs in the background and never blocks a writer for long. [1]", StringComparison.Ordinal);
        var second = text.IndexOf("> A denied request consumes nothing. [2]", StringComparison.Ordinal);
        Assert.InRange(first, 0, second - 1);
        Assert.Contains("[2] docs/limits.md, line 3", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Answer_WhenNoWordMatches_OffersTheBestPassagesOpening()
        => Assert.Contains("> The journal keeps every session. [1]", (await AskAsync("xyzzy", Passages)).Text, StringComparison.Ordinal);

    [Fact]
    public async Task Answer_OfTheSameSentenceTwice_QuotesItOnce()
    {
        Passage[] twins = [Passages[1], Passages[1] with { Citation = new Citation(3, "copy") }];

        Assert.DoesNotContain("[3]", (await AskAsync("denied request", twins)).Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Answer_WithoutPassages_SaysSoAndHowToIndex(bool isEmpty)
    {
        var response = await AskAsync("anything", isEmpty ? [] : null);

        Assert.Contains("found nothing", response.Text, StringComparison.Ordinal);
        Assert.Contains("--index FOLDER", response.Text, StringComparison.Ordinal);
        Assert.Equal(ChatFinishReason.Stop, response.FinishReason);
    }

    [Fact]
    public async Task Stream_GivesWordsThatJoinToTheWholeAnswer_AndUsageLast()
    {
        var updates = new List<ChatResponseUpdate>();
        await foreach (var update in _client.GetStreamingResponseAsync("journal", Options(Passages)))
            updates.Add(update);

        Assert.True(updates.Count > 10);
        Assert.Equal((await AskAsync("journal", Passages)).Text, string.Concat(updates.Select(update => update.Text)));
        var usage = Assert.Single(updates[^1].Contents.OfType<UsageContent>()).Details;
        Assert.Equal(usage.TotalTokenCount, usage.InputTokenCount + usage.OutputTokenCount);
        Assert.InRange(usage.OutputTokenCount!.Value, updates.Count / 2, updates.Count * 4);
    }

    [Fact]
    public async Task Stream_IsTheSameEveryTime()
        => Assert.Equal((await AskAsync("limits and journal", Passages)).Text, (await AskAsync("limits and journal", Passages)).Text);

    [Fact]
    public async Task Stream_Cancelled_StopsBetweenWords()
    {
        using var cancel = new CancellationTokenSource();
        await using var updates = _client.GetStreamingResponseAsync("journal", Options(Passages), cancel.Token).GetAsyncEnumerator(cancel.Token);
        Assert.True(await updates.MoveNextAsync());

        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => updates.MoveNextAsync().AsTask());
    }

    [Fact]
    public async Task Stream_OverTheOutputLimit_EndsWithLength()
    {
        var options = Options(Passages);
        options.MaxOutputTokens = 5;

        var response = await _client.GetResponseAsync("journal", options);

        Assert.Equal(ChatFinishReason.Length, response.FinishReason);
        Assert.InRange(response.Usage!.OutputTokenCount!.Value, 1, 5);
    }

    private static ChatOptions Options(IReadOnlyList<Passage> passages)
        => new() { AdditionalProperties = new() { [Passage.PropertyName] = passages } };

    private Task<ChatResponse> AskAsync(string question, IReadOnlyList<Passage>? passages)
        => _client.GetResponseAsync(question, passages is null ? null : Options(passages));
}
