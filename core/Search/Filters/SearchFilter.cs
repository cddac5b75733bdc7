using System.Collections.Immutable;
using OrleansChat.Core.Search.Passages;

namespace OrleansChat.Core.Search.Filters;

/// <summary>
/// A condition on passages, applied before ranking. A field is a metadata key, or one of <see cref="PassageField.Names"/>
/// where the document has no metadata of that name. A list matches when one of its items does; a field
/// that a passage does not have matches nothing.
/// </summary>
public abstract record SearchFilter
{
    private SearchFilter()
    {
    }

    /// <summary>Whether the passage passes.</summary>
    public abstract bool Matches(IndexedPassage passage);

    /// <summary>The field has this value; numbers compare by value, text exactly.</summary>
    public sealed record Equal(string Field, MetadataValue Value) : SearchFilter
    {
        /// <inheritdoc/>
        public override bool Matches(IndexedPassage passage) => Any(passage, Field, this, static (value, filter) => value == filter.Value);
    }

    /// <summary>The field has one of these values.</summary>
    public sealed record In(string Field, ImmutableArray<MetadataValue> Values) : SearchFilter
    {
        /// <inheritdoc/>
        public override bool Matches(IndexedPassage passage) => Any(passage, Field, this, static (value, filter) => filter.Values.Contains(value));
    }

    /// <summary>
    /// The field lies between bounds. Numbers compare by value and text by code unit, which orders ISO 8601 times; a value of
    /// another kind than a bound does not match.
    /// </summary>
    public sealed record Range(
        string Field,
        MetadataValue? GreaterThan = null,
        MetadataValue? AtLeast = null,
        MetadataValue? LessThan = null,
        MetadataValue? AtMost = null) : SearchFilter
    {
        /// <inheritdoc/>
        public override bool Matches(IndexedPassage passage) => Any(passage, Field, this, static (value, filter) => filter.Contains(value));

        private bool Contains(MetadataValue value) =>
            Holds(value, GreaterThan, static order => order > 0) && Holds(value, AtLeast, static order => order >= 0)
            && Holds(value, LessThan, static order => order < 0) && Holds(value, AtMost, static order => order <= 0);

        private static bool Holds(MetadataValue value, MetadataValue? bound, Func<int, bool> accepts) =>
            bound is not { } limit || (value.Kind, limit.Kind) switch
            {
                (MetadataKind.Number, MetadataKind.Number) => accepts(value.Number.CompareTo(limit.Number)),
                (MetadataKind.Text, MetadataKind.Text) => accepts(string.CompareOrdinal(value.Text, limit.Text)),
                _ => false,
            };
    }

    /// <summary>The field is text that starts with this prefix, compared exactly.</summary>
    public sealed record Prefix(string Field, string Start) : SearchFilter
    {
        /// <inheritdoc/>
        public override bool Matches(IndexedPassage passage) => Any(passage, Field, this, static (value, filter) =>
            value.Kind == MetadataKind.Text && value.Text.StartsWith(filter.Start, StringComparison.Ordinal));
    }

    /// <summary>Every condition holds; true without conditions.</summary>
    public sealed record And(ImmutableArray<SearchFilter> Conditions) : SearchFilter
    {
        /// <inheritdoc/>
        public override bool Matches(IndexedPassage passage) => Conditions.All(condition => condition.Matches(passage));
    }

    /// <summary>At least one condition holds; false without conditions.</summary>
    public sealed record Or(ImmutableArray<SearchFilter> Conditions) : SearchFilter
    {
        /// <inheritdoc/>
        public override bool Matches(IndexedPassage passage) => Conditions.Any(condition => condition.Matches(passage));
    }

    /// <summary>The condition does not hold.</summary>
    public sealed record Not(SearchFilter Condition) : SearchFilter
    {
        /// <inheritdoc/>
        public override bool Matches(IndexedPassage passage) => !Condition.Matches(passage);
    }

    private static bool Any<TFilter>(IndexedPassage passage, string field, TFilter filter, Func<MetadataValue, TFilter, bool> test)
    {
        if (!passage.Metadata.TryGetValue(field, out var value))
        {
            var builtin = PassageField.Find(passage, field);
            return builtin is not null && test(MetadataValue.Of(builtin), filter);
        }

        if (value.Kind != MetadataKind.List)
            return test(value, filter);
        foreach (var item in value.Items)
        {
            if (test(item, filter))
                return true;
        }

        return false;
    }
}
