using System.Collections.Immutable;
using OrleansChat.Core.Search.Filters;
using OrleansChat.Core.Search.Passages;

namespace OrleansChat.Contract.Tests.Search;

/// <summary>
/// Metadata and filters over few fields and values, so that filters often match, with the values that are easily mistaken for one another.
/// </summary>
internal sealed class RandomFilters(Random random)
{
    private static readonly string[] Fields = ["a", "b", "a.b", "documentId", "path", "\"q\"[0]"];
    private static readonly string[] Texts = ["", "a", "ab", "abc", "abcd", "abd", "b", "d1", "d2", "1", "true", "2024-01-01T00:00:00Z", "2024-01-02", "ä", "\uFFFD", "🦊", "abcdef", "abcdeg"];
    private static readonly double[] Numbers = [0, -0.0, 1, 1.5, -1, 1e300, 0.1];

    public Dictionary<string, MetadataValue> Metadata() =>
        Fields.Where(_ => random.Next(2) == 0).ToDictionary(field => field, _ => random.Next(4) == 0 ? List() : Scalar());

    public SearchFilter Filter(int depth) => random.Next(depth > 0 ? 8 : 5) switch
    {
        0 => new SearchFilter.Equal(Field(), Scalar()),
        1 => new SearchFilter.In(Field(), [.. Enumerable.Range(0, random.Next(4)).Select(_ => Scalar())]),
        2 or 3 => Range(),
        4 => new SearchFilter.Prefix(Field(), Text()),
        5 => new SearchFilter.And(Several(depth)),
        6 => new SearchFilter.Or(Several(depth)),
        _ => new SearchFilter.Not(Filter(depth - 1)),
    };

    private SearchFilter.Range Range()
    {
        var isText = random.Next(2) == 0;
        return new SearchFilter.Range(Field(), Bound(), Bound(), Bound(), Bound());

        // Now and then the bounds are of different kinds, which nothing passes.
        MetadataValue? Bound() => random.Next(5) switch
        {
            0 or 1 => null,
            2 when random.Next(8) == 0 => Scalar(),
            _ => isText ? MetadataValue.Of(Text()) : MetadataValue.Of(Number()),
        };
    }

    private ImmutableArray<SearchFilter> Several(int depth) => [.. Enumerable.Range(0, random.Next(4)).Select(_ => Filter(depth - 1))];

    private MetadataValue List() => MetadataValue.Of([.. Enumerable.Range(0, random.Next(4)).Select(_ => Scalar())]);

    private MetadataValue Scalar() => random.Next(8) switch
    {
        0 => default,
        1 => MetadataValue.Of(random.Next(2) == 0),
        2 or 3 or 4 => MetadataValue.Of(Number()),
        _ => MetadataValue.Of(Text()),
    };

    private string Field() => Fields[random.Next(Fields.Length)];

    private string Text() => Texts[random.Next(Texts.Length)];

    private double Number() => Numbers[random.Next(Numbers.Length)];
}
