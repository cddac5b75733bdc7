using OrleansChat.Core.Search.Migrations;
using OrleansChat.Core.Search.Trials;

namespace OrleansChat.Core.Search.Collections;

/// <summary>What is durable of a collection beside its documents.</summary>
public sealed class CollectionState
{
    /// <summary>The settings; null before the collection is created.</summary>
    public CollectionSettings? Settings { get; set; }

    /// <summary>The version that answers queries, counted from 1.</summary>
    public int Version { get; set; }

    /// <summary>Every revision below may have been given out; 0 as long as no document was sent.</summary>
    public long RevisionCeiling { get; set; }

    /// <summary>The highest version there ever was, or was to be; 0 where there was only one.</summary>
    public int HighestVersion { get; set; }

    /// <summary>Versions that nobody needs any more, or that are only being made: whatever a store has of them is to be dropped.</summary>
    public SortedSet<int> Leftovers { get; set; } = [];

    /// <summary>The migrations, newest first.</summary>
    public List<MigrationRecord> Migrations { get; set; } = [];

    /// <summary>The last trial of each version's embedding model, by the version's number; the oldest versions' are forgotten.</summary>
    public SortedDictionary<int, ModelTrial> Trials { get; set; } = [];
}

/// <summary>The names of all collections.</summary>
public sealed class CollectionIndexState
{
    /// <summary>The names.</summary>
    public HashSet<string> Names { get; set; } = [];
}
