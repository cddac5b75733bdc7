using System.Text;
using Orleans.Serialization.Cloning;
using OrleansChat.Core.Turns;

namespace OrleansChat.GrainInterfaces.Sessions;

/// <summary><see cref="TurnEventBatch"/> on the wire: deltas, nearly all there is, as their text; the few others as JSON.</summary>
[GenerateSerializer, Alias("orleanschat.turn-event-batch")]
internal struct PackedTurnEvents
{
    /// <summary>For each delta its place, its sequence number and its text: 7 bits a byte, and UTF-8 behind its length.</summary>
    [Id(0)]
    public byte[] Deltas;

    /// <summary>Every event that is not a delta; they fill the places that deltas leave.</summary>
    [Id(1)]
    public TurnEvent[] Others;

    /// <summary>How many deltas there are.</summary>
    [Id(2)]
    public int DeltaCount;
}

/// <summary>Packs and unpacks a <see cref="TurnEventBatch"/>.</summary>
[RegisterConverter]
internal sealed class PackedTurnEventsConverter : IConverter<TurnEventBatch, PackedTurnEvents>
{
    /// <summary>Bytes of a delta with a word or two.</summary>
    private const int UsualDelta = 16;

    public TurnEventBatch ConvertFromSurrogate(in PackedTurnEvents surrogate)
    {
        var events = new TurnEvent?[surrogate.DeltaCount + surrogate.Others.Length];
        using var deltas = new BinaryReader(new MemoryStream(surrogate.Deltas), Encoding.UTF8);
        for (var left = surrogate.DeltaCount; left > 0; left--)
        {
            var place = deltas.Read7BitEncodedInt();
            var sequence = deltas.Read7BitEncodedInt64();
            events[place] = new TurnDelta(deltas.ReadString()) { Sequence = sequence };
        }

        var free = 0;
        foreach (var other in surrogate.Others)
        {
            free = Array.IndexOf(events, null, free);
            events[free] = other;
        }

        return new TurnEventBatch(events!);
    }

    public PackedTurnEvents ConvertToSurrogate(in TurnEventBatch value)
    {
        var others = new List<TurnEvent>();
        var bytes = new MemoryStream(UsualDelta * value.Events.Count);
        using var deltas = new BinaryWriter(bytes, Encoding.UTF8);
        for (var place = 0; place < value.Events.Count; place++)
        {
            if (value.Events[place] is TurnDelta delta)
            {
                deltas.Write7BitEncodedInt(place);
                deltas.Write7BitEncodedInt64(delta.Sequence);
                deltas.Write(delta.Text);
            }
            else
            {
                others.Add(value.Events[place]);
            }
        }

        return new PackedTurnEvents { Deltas = bytes.ToArray(), Others = [.. others], DeltaCount = value.Events.Count - others.Count };
    }
}

/// <summary>In one process, a batch is handed on as it is.</summary>
[RegisterCopier]
internal sealed class TurnEventBatchCopier : ShallowCopier<TurnEventBatch>;
