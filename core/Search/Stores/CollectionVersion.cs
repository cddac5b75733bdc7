using System.Globalization;

namespace OrleansChat.Core.Search.Stores;

/// <summary>One version of a collection: its documents under one embedding model.</summary>
/// <param name="Collection">The collection's name.</param>
/// <param name="Number">Counted from 1.</param>
public sealed record CollectionVersion(string Collection, int Number)
{
    /// <summary>The version as <c>docs_v3</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Collection}_v{Number}");
}
