using Orleans.Serialization.Cloning;
using OrleansChat.Core.RateLimiting;

namespace OrleansChat.GrainInterfaces.RateLimiting;

/// <summary><see cref="AcquireBatchDecisions"/> on the wire: equal neighbours are written once.</summary>
[GenerateSerializer, Alias("orleanschat.acquire-batch-decisions")]
internal struct PackedDecisions
{
    /// <summary>The decision of each run of equal ones; null for requests that are not decided yet.</summary>
    [Id(0)]
    public RateLimitDecision?[] Runs;

    /// <summary>How long each run is.</summary>
    [Id(1)]
    public int[] Lengths;
}

/// <summary>Packs and unpacks <see cref="AcquireBatchDecisions"/>.</summary>
[RegisterConverter]
internal sealed class PackedDecisionsConverter : IConverter<AcquireBatchDecisions, PackedDecisions>
{
    public AcquireBatchDecisions ConvertFromSurrogate(in PackedDecisions surrogate)
    {
        var decisions = new RateLimitDecision?[surrogate.Lengths.Sum()];
        var place = 0;
        for (var run = 0; run < surrogate.Runs.Length; run++)
        {
            decisions.AsSpan(place, surrogate.Lengths[run]).Fill(surrogate.Runs[run]);
            place += surrogate.Lengths[run];
        }

        return new AcquireBatchDecisions(decisions);
    }

    public PackedDecisions ConvertToSurrogate(in AcquireBatchDecisions value)
    {
        var runs = new List<RateLimitDecision?>();
        var lengths = new List<int>();
        foreach (var decision in value.Decisions)
        {
            if (runs is [.., var last] && (ReferenceEquals(decision, last) || decision == last))
            {
                lengths[^1]++;
            }
            else
            {
                runs.Add(decision);
                lengths.Add(1);
            }
        }

        return new PackedDecisions { Runs = [.. runs], Lengths = [.. lengths] };
    }
}

/// <summary>In one process, decisions are handed on as they are.</summary>
[RegisterCopier]
internal sealed class AcquireBatchDecisionsCopier : ShallowCopier<AcquireBatchDecisions>;
