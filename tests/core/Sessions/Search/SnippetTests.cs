using OrleansChat.Core.Search.Querying;
using OrleansChat.Core.Sessions.Search;
using OrleansChat.Testing;
using Xunit.Abstractions;

namespace OrleansChat.Core.Tests.Sessions.Search;

/// <summary>The part of a message that is shown beside a found session.</summary>
public sealed class SnippetTests(ITestOutputHelper output)
{
    [Fact]
    public void Of_AShortText_IsAllOfIt()
    {
        var snippet = Snippet.Of("Grains are virtual actors.", new QueryTerms("actor grain missing"));

        Assert.Equal(("Grains are virtual actors.", 2), (snippet.Text, snippet.Terms));
        Assert.Equal(["Grains", "actors"], snippet.Highlights.Select(range => snippet.Text[range.Start..range.End]));
    }

    [Fact]
    public void Of_ALongText_IsThePlaceWhereMostTermsStandTogether()
    {
        var filler = string.Concat(Enumerable.Repeat("lorem ipsum ", 100));
        var snippet = Snippet.Of($"{filler}alpha {filler}here alpha meets bravo at last {filler}bravo", new QueryTerms("bravo alpha"));

        Assert.Contains("alpha meets bravo", snippet.Text, StringComparison.Ordinal);
        Assert.True(snippet.Text.Length <= Snippet.MaxLength);
        Assert.Equal(["alpha", "bravo"], snippet.Highlights.Select(range => snippet.Text[range.Start..range.End]));
    }

    [Fact]
    public void Of_AnyText_NeverSplitsACharacterAndHighlightsWholeWords()
    {
        var random = Seed.Print(output);
        string[] pieces = ["alpha", "😀", "é", " ", "\n", "日本語", new string('x', 90), "bravo,"];
        for (var round = 0; round < 2_000; round++)
        {
            var text = string.Concat(Enumerable.Range(0, random.Next(60)).Select(_ => pieces[random.Next(pieces.Length)]));
            var snippet = Snippet.Of(text, new QueryTerms("alpha 😀 語"));

            Assert.Contains(snippet.Text, text, StringComparison.Ordinal);
            Assert.True(snippet.Text.Length <= Snippet.MaxLength);
            Assert.False(snippet.Text.Length > 0 && (char.IsLowSurrogate(snippet.Text[0]) || char.IsHighSurrogate(snippet.Text[^1])));
            Assert.All(snippet.Highlights, range => Assert.True(range.Start >= 0 && range.End <= snippet.Text.Length && range.Start < range.End));
        }
    }
}
