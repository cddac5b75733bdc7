using Google.Protobuf.Collections;
using Qdrant.Client.Grpc;

namespace OrleansChat.VectorQdrant.Tests.Simulation;

/// <summary>Conditions on payloads: a list passes when one of its values does, an empty <c>should</c> asks for nothing.</summary>
internal static class SimulatedFilter
{
    public static bool Passes(Filter filter, PointStruct point) => Passes(filter, point.Payload, point.Id);

    private static bool Passes(Filter filter, MapField<string, Value> payload, PointId? id) =>
        filter.Must.All(condition => Passes(condition, payload, id))
        && (filter.Should.Count == 0 || filter.Should.Any(condition => Passes(condition, payload, id)))
        && !filter.MustNot.Any(condition => Passes(condition, payload, id));

    private static bool Passes(Condition condition, MapField<string, Value> payload, PointId? id) => condition.ConditionOneOfCase switch
    {
        Condition.ConditionOneOfOneofCase.Filter => Passes(condition.Filter, payload, id),
        Condition.ConditionOneOfOneofCase.HasId => condition.HasId.HasId.Contains(id),
        Condition.ConditionOneOfOneofCase.Field => Values(payload, condition.Field.Key).Any(value => Passes(condition.Field, value)),
        Condition.ConditionOneOfOneofCase.Nested =>
            Values(payload, condition.Nested.Key).Any(value => value.StructValue is { } part && Passes(condition.Nested.Filter, part.Fields, null)),
        _ => throw new NotSupportedException($"{condition.ConditionOneOfCase}"),
    };

    private static IEnumerable<Value> Values(MapField<string, Value> payload, string key) =>
        !payload.TryGetValue(key, out var value) ? [] : value.ListValue is { } list ? list.Values : [value];

    private static bool Passes(FieldCondition field, Value value)
    {
        if (field.Match is { } match)
            return value.HasStringValue && value.StringValue == match.Keyword;
        double? number = value.HasIntegerValue ? value.IntegerValue : value.HasDoubleValue ? value.DoubleValue : null;
        return number is { } known && Passes(field.Range, known);
    }

    private static bool Passes(Qdrant.Client.Grpc.Range range, double number) =>
        (!range.HasGt || number > range.Gt) && (!range.HasGte || number >= range.Gte)
        && (!range.HasLt || number < range.Lt) && (!range.HasLte || number <= range.Lte);
}
