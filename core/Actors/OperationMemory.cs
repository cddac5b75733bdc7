using System.Runtime.InteropServices;

namespace OrleansChat.Core.Actors;

/// <summary>
/// Remembers operations that are over, so that a repeat changes nothing. Each is kept for at least the retention and, while others come, at most one and a half times as long,
/// as a hash of 128 bits with a secret seed: two operations meet with a probability below 10⁻²⁴ among a million.
/// </summary>
/// <param name="retention">How long an operation is remembered at least.</param>
internal sealed class OperationMemory(TimeSpan retention)
{
    /// <summary>Parts of the retention. What is younger than it lies in so many and in the one that is being filled.</summary>
    private const int Parts = 2;

    private static readonly ulong SeedA = (ulong)Random.Shared.NextInt64() | 1;
    private static readonly ulong SeedB = (ulong)Random.Shared.NextInt64() | 1;

    private readonly HashLog?[] _parts = new HashLog?[Parts + 1];
    private long _turnsAt = long.MinValue;

    /// <summary>Remembers an operation.</summary>
    /// <param name="operationId">The operation.</param>
    /// <param name="now">Now, in ticks.</param>
    public void Remember(string operationId, long now)
    {
        if (now >= _turnsAt)
            Turn(now);

        (_parts[0] ??= new HashLog()).Add(HashOf(operationId));
    }

    /// <summary>Whether an operation is remembered.</summary>
    /// <param name="operationId">The operation.</param>
    /// <returns>Whether it is.</returns>
    public bool Knows(string operationId)
    {
        UInt128? hash = null;
        foreach (var part in _parts)
        {
            if (part is not null && part.Contains(hash ??= HashOf(operationId)))
                return true;
        }

        return false;
    }

    private void Turn(long now)
    {
        var length = retention.Ticks / Parts;
        for (var turns = 0; turns < _parts.Length && now >= _turnsAt; turns++)
        {
            _parts.AsSpan(0, Parts).CopyTo(_parts.AsSpan(1));
            _parts[0] = null;
            _turnsAt = _turnsAt == long.MinValue ? now + length : _turnsAt + length;
        }

        // After a long pause all are empty.
        if (now >= _turnsAt)
            _turnsAt = now + length;
    }

    private static UInt128 HashOf(string operationId)
    {
        var bytes = MemoryMarshal.AsBytes(operationId.AsSpan());
        ulong a = SeedA, b = SeedB ^ (ulong)bytes.Length;
        foreach (var word in MemoryMarshal.Cast<byte, ulong>(bytes))
            Mix(word, ref a, ref b);

        ulong last = 0;
        foreach (var value in bytes[(bytes.Length & ~7)..])
            last = (last << 8) | value;

        Mix(last, ref a, ref b);
        Mix(SeedA, ref a, ref b);
        return new UInt128(a, b);
    }

    private static void Mix(ulong word, ref ulong a, ref ulong b)
    {
        // Two folded 64-bit multiplications with odd constants, as in wyhash.
        a = Fold(a ^ word, 0x9E3779B97F4A7C15);
        b = Fold(b ^ ulong.RotateLeft(word, 32), 0xC2B2AE3D27D4EB4F) + a;
    }

    private static ulong Fold(ulong left, ulong right)
    {
        var high = Math.BigMul(left, right, out var low);
        return high ^ low;
    }
}
