using OrleansChat.Core.Search.Analysis;

namespace OrleansChat.Core.Tests.Search.Analysis;

public sealed class EnglishAnalyzerTests
{
    [Theory]
    [InlineData("The Cats are running", "cat run")]
    [InlineData("the pilot's wing, the pilots' wings", "pilot wing pilot wing")]
    [InlineData("don\u2019t", "don't")]
    [InlineData("1,000 m at 3.5", "1000 m 3 5")]
    [InlineData("U.S.A. vs. e.g.", "usa vs eg")]
    [InlineData("Program.cs snake_case", "program cs snake case snakecas")]
    [InlineData("C R 5", "c r 5")]
    [InlineData("", "")]
    [InlineData(" \t\r\n.,;!", "")]
    public void Analyze_OfEnglish_GivesStemsInOrder(string text, string terms) => Assert.Equal(terms, Analyze(text));

    [Theory]
    [InlineData("Größe ΣΊΣΥΦΟΣ МОСКВА", "gross σισυφοσ москва")]
    [InlineData("café cafe\u0301 cafe", "cafe cafe cafe")]
    [InlineData("Łódź Æther œuvre Tiếng Việt", "lodz aether oeuvr tieng viet")]
    [InlineData("ＡＢＣ ﬁsh", "abc fish")]
    [InlineData("हिन्दी", "हिन्दी")]
    public void Analyze_OfOtherAlphabets_FoldsCaseAccentsAndForms(string text, string terms) => Assert.Equal(terms, Analyze(text));

    [Theory]
    [InlineData("東京都", "東 東京 京 京都 都")]
    [InlineData("猫", "猫")]
    [InlineData("猫。犬", "猫 犬")]
    [InlineData("iPhone用ケース", "phone iphon 用 用ケ ケ ケー ー ース ス")]
    [InlineData("𠮷野家", "𠮷 𠮷野 野 野家 家")]
    [InlineData("서울", "서 서울 울")]
    public void Analyze_OfScriptsWithoutSpaces_GivesCharactersAndPairs(string text, string terms) => Assert.Equal(terms, Analyze(text));

    [Fact]
    public void Analyze_OfEmoji_GivesEachAsATerm() => Assert.Equal("ship 🚀 🚀", Analyze("ship🚀🚀"));

    [Fact]
    public void Analyze_OfIllFormedText_TakesItAsASeparator() => Assert.Equal("left right", Analyze("left\ud800right\udc00"));

    [Fact]
    public void Analyze_OfAnEndlessWord_CutsIt()
    {
        var terms = new TermBuffer();
        EnglishAnalyzer.Instance.Analyze(new string('q', 1_000_000), terms);
        Assert.Equal(1_000_000, Enumerable.Range(0, terms.Count).Sum(i => terms[i].Length));
        Assert.All(terms.ToArray(), term => Assert.InRange(term.Length, 1, EnglishAnalyzer.MaxTermLength));
    }

    [Fact]
    public void Analyze_OfRandomCodeUnits_NeverFails()
    {
        var seed = Random.Shared.Next();
        var random = new Random(seed);
        var terms = new TermBuffer();
        for (var run = 0; run < 2_000; run++)
        {
            var units = new char[random.Next(64)];
            for (var i = 0; i < units.Length; i++)
                units[i] = (char)(random.Next(3) == 0 ? random.Next(0xD7F0, 0xE010) : random.Next(0x10000));
            terms.Clear();
            EnglishAnalyzer.Instance.Analyze(units, terms);
            Assert.All(terms.ToArray(), term => Assert.True(term.Length > 0, $"seed {seed}, run {run}"));
        }
    }

    private static string Analyze(string text)
    {
        var terms = new TermBuffer();
        EnglishAnalyzer.Instance.Analyze(text, terms);
        return string.Join(' ', terms.ToArray());
    }
}
