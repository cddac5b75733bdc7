using System.Text;
using Orleans.Serialization.Cloning;
using OrleansChat.Core.RateLimiting;

namespace OrleansChat.GrainInterfaces.RateLimiting;

/// <summary>
/// <see cref="AcquireBatch"/> on the wire: what neighbours have in common is written once, and of each request only its name and its tokens.
/// </summary>
[GenerateSerializer, Alias("orleanschat.acquire-batch")]
internal struct PackedAcquires
{
    /// <summary>The first request of each run of requests that differ in nothing but name and tokens.</summary>
    [Id(0)]
    public RateLimitRequest[] Runs;

    /// <summary>How long each run is.</summary>
    [Id(1)]
    public int[] Lengths;

    /// <summary>For each request its tokens and its operation id: 7 bits a byte, and UTF-8 behind its length.</summary>
    [Id(2)]
    public byte[] Lines;
}

/// <summary>Packs and unpacks an <see cref="AcquireBatch"/>.</summary>
[RegisterConverter]
internal sealed class PackedAcquiresConverter : IConverter<AcquireBatch, PackedAcquires>
{
    /// <summary>Bytes of a line whose operation is named by a UUID.</summary>
    private const int UsualLine = 40;

    public AcquireBatch ConvertFromSurrogate(in PackedAcquires surrogate)
    {
        var requests = new List<RateLimitRequest>(surrogate.Lengths.Sum());
        using var lines = new BinaryReader(new MemoryStream(surrogate.Lines), Encoding.UTF8);
        for (var run = 0; run < surrogate.Runs.Length; run++)
        {
            var first = surrogate.Runs[run];
            for (var left = surrogate.Lengths[run]; left > 0; left--)
            {
                var tokens = lines.Read7BitEncodedInt64();
                requests.Add(new RateLimitRequest
                {
                    OperationId = lines.ReadString(),
                    Tokens = tokens,
                    Limits = first.Limits,
                    Lease = first.Lease,
                    Tentative = first.Tentative,
                    Describe = first.Describe,
                });
            }
        }

        return new AcquireBatch(requests);
    }

    public PackedAcquires ConvertToSurrogate(in AcquireBatch value)
    {
        var runs = new List<RateLimitRequest>();
        var lengths = new List<int>();
        var bytes = new MemoryStream(UsualLine * value.Requests.Count);
        using var lines = new BinaryWriter(bytes, Encoding.UTF8);
        foreach (var request in value.Requests)
        {
            if (runs is [.., var last] && IsAlike(request, last))
            {
                lengths[^1]++;
            }
            else
            {
                runs.Add(request);
                lengths.Add(1);
            }

            lines.Write7BitEncodedInt64(request.Tokens);
            lines.Write(request.OperationId);
        }

        return new PackedAcquires { Runs = [.. runs], Lengths = [.. lengths], Lines = bytes.ToArray() };
    }

    private static bool IsAlike(RateLimitRequest one, RateLimitRequest other) =>
        one.Lease == other.Lease && one.Tentative == other.Tentative && one.Describe == other.Describe
        && (ReferenceEquals(one.Limits, other.Limits) || one.Limits == other.Limits);
}

/// <summary>In one process, a batch is handed on as it is.</summary>
[RegisterCopier]
internal sealed class AcquireBatchCopier : ShallowCopier<AcquireBatch>;
