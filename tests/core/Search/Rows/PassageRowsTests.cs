using OrleansChat.Core.Search.Code;
using OrleansChat.Core.Search.Passages;
using OrleansChat.Core.Search.Rows;
using OrleansChat.Testing;
using Xunit.Abstractions;

namespace OrleansChat.Core.Tests.Search.Rows;

public sealed class PassageRowsTests(ITestOutputHelper output)
{
    [Fact]
    public void Read_OfRandomPassages_GivesThemBackAndTheirHeadsWithoutTexts()
    {
        var random = Seed.Print(output);
        var rows = new PassageRows(MemoryBytes.Stores);
        IndexedPassage[] passages = [.. Enumerable.Range(0, 2_000).Select(i => Passage(random, i))];
        foreach (var passage in passages)
            rows.Append(passage, rows.Write(passage));

        for (var slot = 0; slot < passages.Length; slot++)
        {
            Assert.Equal(passages[slot], rows.Read(slot));
            var code = passages[slot].Code;
            Assert.Equal(passages[slot] with { Text = "", Title = null, Code = code is null ? null : code with { Signature = null } }, rows.Head(slot));
        }
    }

    private static IndexedPassage Passage(Random random, int i) => new()
    {
        DocumentId = $"d{i / 5}",
        Ordinal = i % 5,
        Text = Words(random, random.Next(0, 300)),
        Title = random.Next(3) == 0 ? null : random.Next(3) == 0 ? "" : $"Title {i / 3} ÄÖ 漢字",
        Path = random.Next(2) == 0 ? null : $"p/{i / 5}.cs",
        Kind = random.Next(2) == 0 ? null : "markdown",
        StartLine = random.Next(2) == 0 ? null : random.Next(),
        EndLine = random.Next(2) == 0 ? null : 0,
        Code = random.Next(2) == 0 ? null : new CodeSymbol
        {
            Language = random.Next(2) == 0 ? "csharp" : "go",
            Name = random.Next(3) == 0 ? null : $"Name{i}",
            Container = random.Next(2) == 0 ? null : "Outer.Inner",
            Kind = random.Next(3) == 0 ? null : SymbolKinds.Method,
            Signature = random.Next(2) == 0 ? null : $"void Name{i}(string 漢)",
            Complexity = random.Next(2) == 0 ? null : random.Next(50),
            Line = random.Next(2) == 0 ? null : random.Next(1, 1_000_000),
            EndLine = random.Next(2) == 0 ? null : random.Next(1, 1_000_000),
        },
    };

    private static string Words(Random random, int count) => string.Join(' ', Enumerable.Range(0, count).Select(_ => random.Next(3) switch { 0 => "word", 1 => "größe", _ => "😀" }));
}
