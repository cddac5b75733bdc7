using OrleansChat.Core.Search.Dense;
using OrleansChat.Core.Search.Lexical;
using OrleansChat.Core.Search.Rows;

namespace OrleansChat.Core.Search.Indexing;

/// <summary>
/// The passages at one moment. The arrays behind it are shared with the writer, who only appends slots from <see cref="SlotCount"/>
/// on and marks deletions with versions above <see cref="Version"/>; neither changes what the snapshot shows.
/// </summary>
internal sealed class IndexSnapshot
{
    /// <summary>The number of the change that made this snapshot.</summary>
    public required int Version { get; init; }

    /// <summary>Slots in use, living or dead.</summary>
    public required int SlotCount { get; init; }

    /// <summary>Living passages.</summary>
    public required int LiveCount { get; init; }

    /// <summary>The terms of all living passages together.</summary>
    public required long LiveLength { get; init; }

    /// <summary>Posting lists by term.</summary>
    public required PostingTable Postings { get; init; }

    /// <summary>The passages by slot.</summary>
    public required PassageRows Rows { get; init; }

    /// <summary>The number of terms by slot.</summary>
    public required int[] Lengths { get; init; }

    /// <summary>By slot, the change that deleted it; 0 for none.</summary>
    public required int[] DeletedAt { get; init; }

    /// <summary>Unit vectors by slot.</summary>
    public required IVectorPages Vectors { get; init; }

    /// <summary>Whether the slot's passage lives at this moment.</summary>
    public bool IsLive(int slot)
    {
        var deletedAt = DeletedAt[slot];
        return deletedAt == 0 || deletedAt > Version;
    }

    /// <summary>How many of the postings belong to living passages.</summary>
    public int CountLive(ReadOnlySpan<uint> postings)
    {
        if (LiveCount == SlotCount)
            return postings.Length;
        var live = 0;
        foreach (var posting in postings)
        {
            if (IsLive(PostingList.SlotOf(posting)))
                live++;
        }

        return live;
    }
}
