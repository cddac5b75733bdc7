using System.Text;
using OrleansChat.Core.Search.Chunking;
using OrleansChat.Testing;
using Xunit.Abstractions;

namespace OrleansChat.Core.Tests.Search.Chunking;

public sealed class ChunkersTests(ITestOutputHelper output)
{
    public static TheoryData<string> Names => [.. Chunkers.Default.Names.Where(name => name != Chunkers.Automatic)];

    [Theory]
    [InlineData(null, "README.md", "markdown")]
    [InlineData(null, "a/B.MD", "markdown")]
    [InlineData(null, "Program.cs", "csharp")]
    [InlineData(null, "a/b.TS", "typescript")]
    [InlineData(null, "include/x.h", "c")]
    [InlineData(null, "build.sh", "code")]
    [InlineData("code", "main.go", "go")]
    [InlineData("code", "schema.sql", "code")]
    [InlineData("rust", null, "rust")]
    [InlineData(null, "notes.txt", "text")]
    [InlineData(null, "Makefile", "text")]
    [InlineData(null, null, "text")]
    [InlineData("markdown", "notes.txt", "markdown")]
    [InlineData("unheard-of", "README.md", "markdown")]
    public void Choose_Automatically_GoesByKindThenPath(string? kind, string? path, string name) =>
        Assert.Equal(name, Chunkers.Default.Choose(Chunkers.Automatic, kind, path).Name);

    [Fact]
    public void Choose_OfAnUnknownName_SaysWhichThereAre() =>
        Assert.Contains("markdown", Assert.Throws<ArgumentException>(() => Chunkers.Default.Choose("best", null, null)).Message, StringComparison.Ordinal);

    [Theory]
    [MemberData(nameof(Names))]
    public void Split_OfABlankText_GivesNoChunk(string name)
    {
        Assert.Empty(Split(name, ""));
        Assert.Empty(Split(name, " \r\n\t\n\u3000"));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Split_OfAMillionCharactersInALine_StaysWithinTheMaximumAndKeepsPairsWhole(string name)
    {
        var text = string.Concat(Enumerable.Repeat("🚀x", 333_334));
        var chunks = Split(name, text, new ChunkingOptions { OverlapTokens = 0 });
        Assert.Equal(text, string.Concat(chunks.Select(chunk => chunk.Text)));
        Assert.All(chunks, chunk =>
        {
            Assert.InRange(TokenEstimate.Of(chunk.Text), 1, 512);
            Assert.Equal((1, 1), (chunk.StartLine, chunk.EndLine));
            Assert.DoesNotContain('\uFFFD', chunk.Text.EnumerateRunes().Select(rune => (char)rune.Value));
        });
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Split_OfRandomText_HoldsAllOfItWithTheRightLines(string name)
    {
        var random = Seed.Print(output);
        for (var run = 0; run < 400; run++)
        {
            var text = RandomText(random);
            var target = random.Next(16, 64);
            var options = new ChunkingOptions { TargetTokens = target, MaxTokens = target + random.Next(64), OverlapTokens = random.Next(target) };
            var chunks = Split(name, text, options);

            var lines = text.ReplaceLineEndings("\n").Split('\n');
            Assert.All(chunks, chunk =>
            {
                Assert.InRange(TokenEstimate.Of(chunk.Text), 1, options.MaxTokens);
                var slice = string.Join('\n', lines[(chunk.StartLine - 1)..chunk.EndLine]);
                Assert.Contains(chunk.Text.ReplaceLineEndings("\n"), slice, StringComparison.Ordinal);
            });
            var held = chunks.SelectMany(chunk => Enumerable.Range(chunk.StartLine, chunk.EndLine - chunk.StartLine + 1)).ToHashSet();
            Assert.All(Enumerable.Range(1, lines.Length).Where(line => !string.IsNullOrWhiteSpace(lines[line - 1])), line => Assert.Contains(line, held));
            Assert.True(chunks.Zip(chunks.Skip(1)).All(pair => pair.First.StartLine <= pair.Second.StartLine && pair.First.EndLine <= pair.Second.EndLine));
        }
    }

    [Fact]
    public void Split_OfPlainText_TakesUnderlinedLinesAsHeadings()
    {
        var chunks = Split("text", "Title\n=====\n\nHello.\n\nPart\n----\n# not a heading");
        Assert.Equal(["Title", "Title/Part"], chunks.Select(chunk => string.Join('/', chunk.TitlePath)));
    }

    [Fact]
    public void Split_OfCode_EndsChunksAtBlankLines()
    {
        var function = "int F()\n{\n    return 1;\n}";
        var chunks = Split("code", string.Join("\n\n", Enumerable.Repeat(function, 5)), new ChunkingOptions { TargetTokens = 16, MaxTokens = 24 });
        Assert.Equal([(1, 14), (16, 24)], chunks.Select(chunk => (chunk.StartLine, chunk.EndLine)));
        Assert.All(chunks, chunk => Assert.StartsWith("int F()", chunk.Text, StringComparison.Ordinal));
        Assert.All(chunks, chunk => Assert.EndsWith("}", chunk.Text, StringComparison.Ordinal));
    }

    private static IReadOnlyList<Chunk> Split(string name, string text, ChunkingOptions? options = null) =>
        Chunkers.Default.Choose(name, null, null).Split(text, options ?? new ChunkingOptions());

    private static string RandomText(Random random)
    {
        string[] parts = ["# Head\n", "## Sub #\n", "Word ", "sentence. ", "\n", "\n\n", "\r\n", "```\n", "| a | b |\n|---|---|\n", "    ", "漢字。", "🚀", "\n===\n", "- item\n", "int f() {\n", "}\n", "class A {", "def g(x):\n", "  return \"a{b\";\n", "// note\n", "# note\n", "(", ")", "`", "/*", "*/", "averylongwordwithoutanyspaceinit"];
        var text = new StringBuilder();
        for (var count = random.Next(120); count > 0; count--)
            text.Append(parts[random.Next(parts.Length)]);
        return text.ToString();
    }
}
