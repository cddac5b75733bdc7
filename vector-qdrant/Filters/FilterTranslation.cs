using OrleansChat.Core.Errors;
using OrleansChat.Core.Search.Filters;
using OrleansChat.Core.Search.Passages;
using OrleansChat.VectorQdrant.Fields;
using OrleansChat.VectorQdrant.Passages;
using Qdrant.Client.Grpc;

namespace OrleansChat.VectorQdrant.Filters;

/// <summary>Makes Qdrant's conditions from a <see cref="SearchFilter"/>, with the same meaning for every passage.</summary>
internal static class FilterTranslation
{
    private static readonly Condition Never = Keyword(PayloadKeys.Facts, "");

    /// <summary>The condition.</summary>
    /// <exception cref="RequestException">A range has too long a bound.</exception>
    public static Condition Translate(SearchFilter filter) => filter switch
    {
        SearchFilter.Equal equal => Equal(equal.Field, equal.Value),
        SearchFilter.In oneOf => Any(oneOf.Values.Select(value => Equal(oneOf.Field, value))),
        SearchFilter.Range range => RangeCondition.Of(range) ?? Never,
        SearchFilter.Prefix prefix => RangeCondition.Prefix(prefix),
        SearchFilter.And and => All(and.Conditions.Select(Translate)),
        SearchFilter.Or or => Any(or.Conditions.Select(Translate)),
        SearchFilter.Not not => Not(Translate(not.Condition)),
        _ => throw new NotSupportedException($"Filters of type {filter.GetType()} are not known."),
    };

    /// <summary>Every condition; always true without any.</summary>
    public static Condition All(IEnumerable<Condition> conditions)
    {
        var all = new Filter { Must = { conditions } };
        return all.Must.Count == 0 ? Not(Never) : new Condition { Filter = all };
    }

    /// <summary>One of the conditions; never true without any, where Qdrant takes an empty list for no condition.</summary>
    public static Condition Any(IEnumerable<Condition> conditions)
    {
        var any = new Filter { Should = { conditions } };
        return any.Should.Count == 0 ? Never : new Condition { Filter = any };
    }

    /// <summary>The opposite.</summary>
    public static Condition Not(Condition condition) => new() { Filter = new Filter { MustNot = { condition } } };

    /// <summary>A part of the payload is this keyword, or a list with it.</summary>
    public static Condition Keyword(string key, string keyword) =>
        new() { Field = new FieldCondition { Key = key, Match = new Match { Keyword = keyword } } };

    /// <summary>A part of the payload is a number in this range, or a list with one.</summary>
    public static Condition Number(string key, Qdrant.Client.Grpc.Range range) =>
        new() { Field = new FieldCondition { Key = key, Range = range } };

    private static Condition Equal(string field, MetadataValue value) =>
        value.Kind == MetadataKind.List ? Never : Keyword(PayloadKeys.Facts, PassageFields.Fact(field, value));
}
