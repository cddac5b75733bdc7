using OrleansChat.Core.Search.Filters;

namespace OrleansChat.Core.Search.Indexing;

/// <summary>Decides whether the passage in a slot may be a hit: it lives in the snapshot and passes the query's filter.</summary>
internal readonly struct SlotFilter(IndexSnapshot snapshot, SearchFilter? filter)
{
    // All that a filter asks for is resident, but for titles.
    private readonly bool _readsTitles = filter is not null && FilterFields.Of(filter).Contains(PassageField.Title);

    /// <summary>Whether the slot may be a hit.</summary>
    public bool Accepts(int slot) =>
        snapshot.IsLive(slot) && (filter is null || filter.Matches(_readsTitles ? snapshot.Rows.Read(slot) : snapshot.Rows.Head(slot)));
}
