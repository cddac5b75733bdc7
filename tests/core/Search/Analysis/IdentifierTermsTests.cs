using OrleansChat.Core.Search.Analysis;

namespace OrleansChat.Core.Tests.Search.Analysis;

public sealed class IdentifierTermsTests
{
    [Theory]
    [InlineData("readLine", "line read readlin")]
    [InlineData("read_line", "line read readlin")]
    [InlineData("READ_LINE", "line read readlin")]
    [InlineData("parseHTTPHeader", "header http pars parsehttphead")]
    [InlineData("read line", "line read")]
    [InlineData("O'Brien", "o'brien")]
    [InlineData("HTTP", "http")]
    [InlineData("x", "x")]
    [InlineData("a_b__c", "abc b c")]
    [InlineData("_private", "privat")]
    public void Analyze_OfAnIdentifier_FindsItByItsPartsAndAsOne(string text, string expected)
    {
        var terms = new TermBuffer();
        EnglishAnalyzer.Instance.Analyze(text, terms);
        Assert.Equal(expected, string.Join(' ', terms.ToArray().Order(StringComparer.Ordinal)));
    }
}
