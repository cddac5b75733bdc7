using OrleansChat.Core.Errors;
using OrleansChat.Core.Search.Filters;
using OrleansChat.Core.Search.Passages;
using OrleansChat.VectorQdrant.Fields;
using OrleansChat.VectorQdrant.Passages;
using Qdrant.Client.Grpc;
using NumberRange = Qdrant.Client.Grpc.Range;

namespace OrleansChat.VectorQdrant.Filters;

/// <summary>
/// Ranges and prefixes, over the objects of <c>fields</c>: one object, that is one value of a field, has to pass in whole.
/// </summary>
internal static class RangeCondition
{
    /// <summary>The longest bound of text, in UTF-16 code units: a condition grows with the square of its bound.</summary>
    public const int MaxBound = 96;

    /// <summary>A range; null for one that no value can pass.</summary>
    /// <exception cref="RequestException">A bound is longer than <see cref="MaxBound"/>.</exception>
    public static Condition? Of(SearchFilter.Range range)
    {
        MetadataValue[] bounds = [.. new[] { range.GreaterThan, range.AtLeast, range.LessThan, range.AtMost }.OfType<MetadataValue>()];
        if (bounds.Length == 0)
            return FilterTranslation.Keyword(PayloadKeys.Facts, PassageFields.Present(range.Field));
        if (bounds.All(bound => bound.Kind == MetadataKind.Number))
            return Nested(range.Field, [FilterTranslation.Number(PayloadKeys.FieldNumber, Numbers(range))]);
        return bounds.All(bound => bound.Kind == MetadataKind.Text) ? Nested(range.Field, Texts(range)) : null;
    }

    /// <summary>A prefix.</summary>
    public static Condition Prefix(SearchFilter.Prefix prefix)
    {
        var whole = prefix.Start.Length / TextPieces.Units;
        var pieces = TextPieces.Of(prefix.Start);
        var (lowest, highest) = TextPieces.Partial(prefix.Start.AsSpan(whole * TextPieces.Units));
        var end = Piece(whole, new NumberRange { Gte = lowest, Lte = highest });
        return Nested(prefix.Field, [.. Enumerable.Range(0, whole).Select(i => Equal(i, pieces[i])), end]);
    }

    private static NumberRange Numbers(SearchFilter.Range range)
    {
        var numbers = new NumberRange();
        if (range.GreaterThan is { } greater)
            numbers.Gt = greater.Number;
        if (range.AtLeast is { } least)
            numbers.Gte = least.Number;
        if (range.LessThan is { } less)
            numbers.Lt = less.Number;
        if (range.AtMost is { } most)
            numbers.Lte = most.Number;
        return numbers;
    }

    private static IEnumerable<Condition> Texts(SearchFilter.Range range)
    {
        if (range.GreaterThan is { } greater)
            yield return Beyond(greater, piece => new NumberRange { Gt = piece }, orEqual: false);
        if (range.AtLeast is { } least)
            yield return Beyond(least, piece => new NumberRange { Gt = piece }, orEqual: true);
        if (range.LessThan is { } less)
            yield return Beyond(less, piece => new NumberRange { Lt = piece }, orEqual: false);
        if (range.AtMost is { } most)
            yield return Beyond(most, piece => new NumberRange { Lt = piece }, orEqual: true);
    }

    // The first piece that differs decides: equal up to a piece, and beyond the bound in that one.
    private static Condition Beyond(MetadataValue bound, Func<double, NumberRange> beyond, bool orEqual)
    {
        if (bound.Text.Length > MaxBound)
        {
            throw RequestException.Invalid(
                "filter", $"A text that bounds a range has {bound.Text.Length} characters; at most {MaxBound} are allowed.", "Shorten the bound.");
        }

        var pieces = TextPieces.Of(bound.Text);
        var ways = Enumerable.Range(0, pieces.Length)
            .Select(i => FilterTranslation.All([.. EqualUpTo(i), Piece(i, beyond(pieces[i]))]));
        return FilterTranslation.Any(orEqual ? [.. ways, FilterTranslation.All(EqualUpTo(pieces.Length))] : ways);

        IEnumerable<Condition> EqualUpTo(int end) => Enumerable.Range(0, end).Select(i => Equal(i, pieces[i]));
    }

    private static Condition Equal(int index, double piece) => Piece(index, new NumberRange { Gte = piece, Lte = piece });

    private static Condition Piece(int index, NumberRange range) => FilterTranslation.Number(PassageFields.Piece(index), range);

    private static Condition Nested(string field, IEnumerable<Condition> conditions) => new()
    {
        Nested = new NestedCondition
        {
            Key = PayloadKeys.Fields,
            Filter = new Filter { Must = { FilterTranslation.Keyword(PayloadKeys.FieldName, field), conditions } },
        },
    };
}
