using System.Security.Cryptography;
using System.Text;
using OrleansChat.Core.Keys;
using OrleansChat.Core.Settings;

namespace OrleansChat.GatewayApi.Keys;

/// <summary>The configured keys. A secret is compared as its SHA-256 hash, in constant time and with every key, so timing tells nothing.</summary>
internal sealed class KeyRing
{
    private readonly IReadOnlyList<Entry> _entries;

    public KeyRing(OrleansChatOptions options, TimeProvider clock) =>
        _entries = [.. options.ApiKeys.Select(key => new Entry(ToKey(key), Secret.From(key.Secret, clock)))];

    /// <summary>Whether no key is configured.</summary>
    public bool IsEmpty => _entries.Count == 0;

    /// <summary>The configured keys.</summary>
    public IEnumerable<ApiKey> Keys => _entries.Select(entry => entry.Key);

    /// <summary>The key of that secret; null when there is none.</summary>
    public ApiKey? Find(string secret)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        Hash(secret, hash);
        ApiKey? found = null;
        foreach (var entry in _entries)
        {
            if (entry.Matches(hash))
                found = entry.Key;
        }

        return found;
    }

    private static ApiKey ToKey(ApiKeyOptions options) => new()
    {
        Id = options.Id,
        Team = options.Team,
        Admin = options.Admin,
        Limits = options.Limits.ToLimits(),
        Budget = options.Budget?.ToBudget(),
    };

    private static void Hash(string secret, Span<byte> hash)
    {
        var bytes = Encoding.UTF8.GetBytes(secret);
        SHA256.HashData(bytes, hash);
        CryptographicOperations.ZeroMemory(bytes);
    }

    private sealed class Entry(ApiKey key, Secret secret)
    {
        private Hashed? _hashed;

        public ApiKey Key { get; } = key;

        public bool Matches(ReadOnlySpan<byte> hash) =>
            secret.Read() is { } current && CryptographicOperations.FixedTimeEquals(HashOf(current), hash);

        // A file's secret changes while the server runs, so the hash is kept together with the text that it belongs to.
        private byte[] HashOf(string current)
        {
            var hashed = Volatile.Read(ref _hashed);
            if (hashed is null || hashed.Secret != current)
            {
                hashed = new Hashed(current, new byte[SHA256.HashSizeInBytes]);
                Hash(current, hashed.Hash);
                Volatile.Write(ref _hashed, hashed);
            }

            return hashed.Hash;
        }

        private sealed record Hashed(string Secret, byte[] Hash);
    }
}
