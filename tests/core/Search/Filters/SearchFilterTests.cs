using OrleansChat.Core.Search.Filters;
using OrleansChat.Core.Search.Passages;

namespace OrleansChat.Core.Tests.Search.Filters;

public sealed class SearchFilterTests
{
    private static readonly IndexedPassage Passage = new()
    {
        DocumentId = "d1",
        Ordinal = 0,
        Text = "text",
        Path = "docs/guide.md",
        Metadata = new Dictionary<string, MetadataValue>
        {
            ["language"] = MetadataValue.Of("en"),
            ["year"] = MetadataValue.Of(2024),
            ["draft"] = MetadataValue.Of(false),
            ["tags"] = MetadataValue.Of(MetadataValue.Of("a"), MetadataValue.Of("b")),
            ["date"] = MetadataValue.Of("2024-05-01"),
        },
    };

    public static TheoryData<SearchFilter, bool> Cases => new()
    {
        { new SearchFilter.Equal("language", MetadataValue.Of("en")), true },
        { new SearchFilter.Equal("language", MetadataValue.Of("EN")), false },
        { new SearchFilter.Equal("year", MetadataValue.Of(2024.0)), true },
        { new SearchFilter.Equal("year", MetadataValue.Of("2024")), false },
        { new SearchFilter.Equal("draft", MetadataValue.Of(false)), true },
        { new SearchFilter.Equal("tags", MetadataValue.Of("b")), true },
        { new SearchFilter.Equal("missing", default), false },
        { new SearchFilter.Equal("documentId", MetadataValue.Of("d1")), true },
        { new SearchFilter.In("tags", [MetadataValue.Of("x"), MetadataValue.Of("a")]), true },
        { new SearchFilter.In("language", []), false },
        { new SearchFilter.Range("year", AtLeast: MetadataValue.Of(2024), LessThan: MetadataValue.Of(2025)), true },
        { new SearchFilter.Range("year", GreaterThan: MetadataValue.Of(2024)), false },
        { new SearchFilter.Range("year", AtMost: MetadataValue.Of("2025")), false },
        { new SearchFilter.Range("date", AtLeast: MetadataValue.Of("2024-05"), AtMost: MetadataValue.Of("2024-06")), true },
        { new SearchFilter.Prefix("path", "docs/"), true },
        { new SearchFilter.Prefix("path", "src/"), false },
        { new SearchFilter.Prefix("year", "20"), false },
        { new SearchFilter.And([]), true },
        { new SearchFilter.Or([]), false },
        { new SearchFilter.And([new SearchFilter.Prefix("path", "docs/"), new SearchFilter.Equal("draft", MetadataValue.Of(true))]), false },
        { new SearchFilter.Or([new SearchFilter.Prefix("path", "src/"), new SearchFilter.Equal("draft", MetadataValue.Of(false))]), true },
        { new SearchFilter.Not(new SearchFilter.Equal("missing", default)), true },
    };

    [Theory]
    [MemberData(nameof(Cases), DisableDiscoveryEnumeration = true)]
    public void Matches_Decides(SearchFilter filter, bool matches) => Assert.Equal(matches, filter.Matches(Passage));
}
