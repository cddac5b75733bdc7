using System.Runtime.InteropServices;

namespace OrleansChat.Core.Actors;

/// <summary>
/// Remembers operations that are over, so that a repeat changes nothing. Each is kept for at least the retention and at most twice as long,
/// as a hash of 128 bits with a secret seed: two operations meet with a probability below 10⁻²⁴ among a million.
/// </summary>
/// <param name="retention">How long an operation is remembered at least.</param>
internal sealed class OperationMemory(TimeSpan retention)
{
    private static readonly ulong SeedA = (ulong)Random.Shared.NextInt64() | 1;
    private static readonly ulong SeedB = (ulong)Random.Shared.NextInt64() | 1;

    private HashSet128 _recent = new(0);
    private HashSet128 _older = new(0);
    private long _turnsAt;

    /// <summary>Remembers an operation.</summary>
    /// <param name="operationId">The operation.</param>
    /// <param name="now">Now, in ticks.</param>
    public void Remember(string operationId, long now)
    {
        Turn(now);
        _recent.Add(HashOf(operationId));
    }

    /// <summary>Whether an operation is remembered.</summary>
    /// <param name="operationId">The operation.</param>
    /// <returns>Whether it is.</returns>
    public bool Knows(string operationId)
    {
        if (_recent.Count == 0 && _older.Count == 0)
            return false;

        var hash = HashOf(operationId);
        return _recent.Contains(hash) || _older.Contains(hash);
    }

    private void Turn(long now)
    {
        if (now < _turnsAt)
            return;

        // After a pause of two retentions nothing is young enough to stay.
        _older = now - _turnsAt < retention.Ticks ? _recent : new(0);

        // The same traffic needs as much room again.
        _recent = new(_older.Count);
        _turnsAt = now + retention.Ticks;
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
