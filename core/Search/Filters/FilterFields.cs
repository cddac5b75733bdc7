namespace OrleansChat.Core.Search.Filters;

/// <summary>The fields that a filter tests.</summary>
internal static class FilterFields
{
    /// <summary>The names, with repetitions.</summary>
    public static IEnumerable<string> Of(SearchFilter filter) => filter switch
    {
        SearchFilter.Equal equal => [equal.Field],
        SearchFilter.In oneOf => [oneOf.Field],
        SearchFilter.Range range => [range.Field],
        SearchFilter.Prefix prefix => [prefix.Field],
        SearchFilter.And and => and.Conditions.SelectMany(Of),
        SearchFilter.Or or => or.Conditions.SelectMany(Of),
        SearchFilter.Not not => Of(not.Condition),
        _ => [],
    };
}
