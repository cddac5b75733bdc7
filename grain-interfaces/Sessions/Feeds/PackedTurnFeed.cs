using Orleans.Serialization.Cloning;
using OrleansChat.Core.Turns;

namespace OrleansChat.GrainInterfaces.Sessions.Feeds;

/// <summary><see cref="TurnFeedBatch"/> on the wire: the events of all parts one after the other, as <see cref="PackedTurnEvents"/>.</summary>
[GenerateSerializer, Alias("orleanschat.turn-feed-batch")]
internal struct PackedTurnFeed
{
    /// <summary>The silo.</summary>
    [Id(0)]
    public string Origin;

    /// <summary>The line of each part.</summary>
    [Id(1)]
    public long[] Lines;

    /// <summary>How many events each part has.</summary>
    [Id(2)]
    public int[] Counts;

    /// <summary>Whether each part is its line's last.</summary>
    [Id(3)]
    public bool[] Ends;

    /// <summary>All events.</summary>
    [Id(4)]
    public TurnEventBatch Events;
}

/// <summary>Packs and unpacks a <see cref="TurnFeedBatch"/>.</summary>
[RegisterConverter]
internal sealed class PackedTurnFeedConverter : IConverter<TurnFeedBatch, PackedTurnFeed>
{
    public TurnFeedBatch ConvertFromSurrogate(in PackedTurnFeed surrogate)
    {
        var parts = new TurnFeedPart[surrogate.Lines.Length];
        var from = 0;
        for (var i = 0; i < parts.Length; i++)
        {
            var events = new TurnEvent[surrogate.Counts[i]];
            for (var j = 0; j < events.Length; j++)
                events[j] = surrogate.Events.Events[from++];

            parts[i] = new TurnFeedPart(surrogate.Lines[i], events, surrogate.Ends[i]);
        }

        return new TurnFeedBatch(surrogate.Origin, parts);
    }

    public PackedTurnFeed ConvertToSurrogate(in TurnFeedBatch value)
    {
        var parts = value.Parts;
        var (lines, counts, ends) = (new long[parts.Count], new int[parts.Count], new bool[parts.Count]);
        var events = new List<TurnEvent>();
        for (var i = 0; i < parts.Count; i++)
        {
            (lines[i], counts[i], ends[i]) = (parts[i].Line, parts[i].Events.Count, parts[i].IsEnd);
            events.AddRange(parts[i].Events);
        }

        return new PackedTurnFeed { Origin = value.Origin, Lines = lines, Counts = counts, Ends = ends, Events = new TurnEventBatch(events) };
    }
}

/// <summary>In one process, a batch is handed on as it is.</summary>
[RegisterCopier]
internal sealed class TurnFeedBatchCopier : ShallowCopier<TurnFeedBatch>;
