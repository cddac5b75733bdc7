using System.Text.Json;
using OrleansChat.Core.Errors;
using OrleansChat.Core.Search.Filters;
using OrleansChat.Core.Search.Passages;

namespace OrleansChat.Core.Tests.Search.Filters;

public sealed class SearchFilterReaderTests
{
    private static readonly IndexedPassage Passage = new()
    {
        DocumentId = "d1",
        Ordinal = 0,
        Text = "text",
        Metadata = new Dictionary<string, MetadataValue> { ["language"] = MetadataValue.Of("en"), ["year"] = MetadataValue.Of(2024) },
    };

    [Theory]
    [InlineData("""{"field":"language","equals":"en"}""", true)]
    [InlineData("""{"equals":2024.0,"field":"year"}""", true)]
    [InlineData("""{"field":"language","in":["de","en"]}""", true)]
    [InlineData("""{"field":"language","prefix":"d"}""", false)]
    [InlineData("""{"field":"year","range":{"gte":2024,"lt":2025}}""", true)]
    [InlineData("""{"field":"year","range":{"gt":2024}}""", false)]
    [InlineData("""{"and":[{"field":"language","equals":"en"},{"not":{"field":"year","equals":2023}}]}""", true)]
    [InlineData("""{"or":[]}""", false)]
    public void Read_OfAFilter_GivesItsMeaning(string json, bool matches)
    {
        using var parsed = JsonDocument.Parse(json);
        Assert.Equal(matches, SearchFilterReader.Read(parsed.RootElement).Matches(Passage));
    }

    [Theory]
    [InlineData("[]", "filter")]
    [InlineData("{}", "filter")]
    [InlineData("""{"field":"x"}""", "filter")]
    [InlineData("""{"field":5,"equals":1}""", "filter")]
    [InlineData("""{"field":"x","like":1}""", "filter.like")]
    [InlineData("""{"field":"x","equals":[1]}""", "filter.equals")]
    [InlineData("""{"field":"x","in":1}""", "filter.in")]
    [InlineData("""{"field":"x","prefix":1}""", "filter.prefix")]
    [InlineData("""{"field":"x","range":{}}""", "filter.range")]
    [InlineData("""{"field":"x","range":{"min":1}}""", "filter.range")]
    [InlineData("""{"field":"x","range":{"gt":true}}""", "filter.range.gt")]
    [InlineData("""{"and":[{"not":7}]}""", "filter.and[0].not")]
    [InlineData("""{"field":"\ud800","equals":1}""", "filter.field")]
    public void Read_OfAnythingElse_SaysWhereItIsWrong(string json, string subject)
    {
        using var parsed = JsonDocument.Parse(json);
        Assert.Equal(subject, Assert.Throws<RequestException>(() => SearchFilterReader.Read(parsed.RootElement)).Problem.Subject);
    }

    [Fact]
    public void Read_OfDeepNesting_IsRefused()
    {
        using var parsed = JsonDocument.Parse(string.Concat(Enumerable.Repeat("{\"not\":", 40)) + "{\"or\":[]}" + new string('}', 40));
        Assert.Throws<RequestException>(() => SearchFilterReader.Read(parsed.RootElement));
    }
}
