using OrleansChat.Core.Search.Chunking;

namespace OrleansChat.Core.Tests.Search.Chunking;

public sealed class MarkdownChunkerTests
{
    private static readonly ChunkingOptions Small = new() { TargetTokens = 16, MaxTokens = 32, OverlapTokens = 0 };

    [Fact]
    public void Split_UnderHeadings_GivesSectionsWithTheirTrailAndLines()
    {
        var chunks = Split("""
            Before any heading.

            # Guide

            Welcome.

            ## Install ##

            Run it.
            Twice.

            Usage
            -----
            Ask.

            # Reference
            Facts.
            """);

        Assert.Collection(
            chunks,
            chunk => AssertChunk(chunk, "Before any heading.", [], 1, 1),
            chunk => AssertChunk(chunk, "# Guide\n\nWelcome.", ["Guide"], 3, 5),
            chunk => AssertChunk(chunk, "## Install ##\n\nRun it.\nTwice.", ["Guide", "Install"], 7, 10),
            chunk => AssertChunk(chunk, "Usage\n-----\nAsk.", ["Guide", "Usage"], 12, 14),
            chunk => AssertChunk(chunk, "# Reference\nFacts.", ["Reference"], 16, 17));
    }

    [Fact]
    public void Split_OfHeadingsWithoutText_KeepsThemWithTheNextSection() =>
        AssertChunk(Assert.Single(Split("# A\n\n## B\n\n### C\ntext")), "# A\n\n## B\n\n### C\ntext", ["A", "B", "C"], 1, 6);

    [Theory]
    [InlineData("#hashtag")]
    [InlineData("    # indented code")]
    [InlineData("####### seven")]
    [InlineData("```\n# comment\n```")]
    [InlineData("~~~\n```\n# comment\n~~~")]
    [InlineData("---\ntitle: x\n---\ntext")]
    public void Split_OfWhatOnlyLooksLikeAHeading_SeesNone(string text) => Assert.Empty(Assert.Single(Split(text)).TitlePath);

    [Fact]
    public void Split_OfLongParagraphs_EndsChunksAtTheirBoundaries()
    {
        var paragraphs = Enumerable.Range(0, 6).Select(i => $"Paragraph {i} has some forty characters.").ToArray();
        var chunks = Split(string.Join("\n\n", paragraphs), Small);
        Assert.Equal([$"{paragraphs[0]}\n\n{paragraphs[1]}", $"{paragraphs[2]}\n\n{paragraphs[3]}", $"{paragraphs[4]}\n\n{paragraphs[5]}"], chunks.Select(chunk => chunk.Text));
        Assert.Equal([(1, 3), (5, 7), (9, 11)], chunks.Select(chunk => (chunk.StartLine, chunk.EndLine)));
    }

    [Fact]
    public void Split_WithOverlap_RepeatsWholeSentencesOfTheChunkBefore()
    {
        const string Text = "First sentence of the text. Second sentence of the text. Third one.\n\nAnother paragraph follows here, with more words.";
        var chunks = Split(Text, Small with { OverlapTokens = 8, MaxTokens = 64 });
        Assert.Equal(2, chunks.Count);
        Assert.Equal("Third one.\n\nAnother paragraph follows here, with more words.", chunks[1].Text);
        Assert.Equal((1, 3), (chunks[1].StartLine, chunks[1].EndLine));
    }

    [Theory]
    [InlineData("```csharp\nvar first = 1;\n\nvar second = 2; // and more code\n```")]
    [InlineData("| name | value |\n|------|------:|\n| one | 1 |\n| two | 2 |\n| three | 3 |")]
    public void Split_OfACodeBlockOrTableAboveTheTarget_KeepsItWhole(string block)
    {
        Assert.InRange(TokenEstimate.Of(block), Small.TargetTokens, Small.MaxTokens);
        var chunks = Split($"A paragraph that fills a good part of a chunk.\n\n{block}\n\nAnd the paragraph that comes after the block.", Small);
        Assert.Contains(chunks, chunk => chunk.Text.Contains(block, StringComparison.Ordinal));
    }

    [Fact]
    public void Split_OfACodeBlockAboveTheMaximum_CutsItAtLines()
    {
        var block = $"```\n{string.Concat(Enumerable.Range(0, 60).Select(i => $"line {i};\n"))}```";
        var chunks = Split(block, Small);
        Assert.True(chunks.Count > 1);
        Assert.All(chunks, chunk => Assert.True(chunk.Text.EndsWith(';') || chunk.Text.EndsWith("```", StringComparison.Ordinal)));
    }

    [Fact]
    public void Split_OfAnUnclosedCodeBlock_TakesTheRest() =>
        Assert.Equal(["Title"], Assert.Single(Split("# Title\n```\n# no heading")).TitlePath);

    [Fact]
    public void Split_OfAnEndlessHeading_KeepsTheTitleShort()
    {
        var chunks = Split("# " + string.Concat(Enumerable.Repeat("🚀", 10_000)) + "\ntext");
        Assert.All(chunks, chunk => Assert.InRange(Assert.Single(chunk.TitlePath).Length, 1, 200));
    }

    private static void AssertChunk(Chunk chunk, string text, string[] trail, int startLine, int endLine)
    {
        Assert.Equal(text, chunk.Text);
        Assert.Equal(trail, chunk.TitlePath);
        Assert.Equal((startLine, endLine), (chunk.StartLine, chunk.EndLine));
    }

    private static IReadOnlyList<Chunk> Split(string text, ChunkingOptions? options = null) =>
        new MarkdownChunker().Split(text, options ?? new ChunkingOptions());
}
