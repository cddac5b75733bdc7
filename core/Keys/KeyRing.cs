using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;
using OrleansChat.Core.Settings;

namespace OrleansChat.Core.Keys;

/// <summary>
/// The keys of settings, and beside them those made at run time. A secret of the settings is compared as its SHA-256 hash, in constant time and
/// with every key, so timing tells nothing; for keys made at run time, see <see cref="KeyIndex"/>. Where settings name the id of one that was made at run
/// time, theirs holds, and the other's secrets open nothing.
/// </summary>
public sealed class KeyRing : IDisposable
{
    private readonly IDisposable? _subscription;
    private volatile IReadOnlyList<Entry> _entries;
    private readonly KeyWatch _watch;
    private readonly TimeProvider _clock;

    /// <summary>Makes the ring, and follows settings.</summary>
    /// <param name="settings">The settings.</param>
    /// <param name="watch">The keys made at run time.</param>
    /// <param name="clock">The clock.</param>
    public KeyRing(IOptionsMonitor<OrleansChatOptions> settings, KeyWatch watch, TimeProvider clock)
    {
        _watch = watch;
        _clock = clock;
        _entries = EntriesOf(settings.CurrentValue);
        _subscription = settings.OnChange((changed, _) => _entries = EntriesOf(changed));
    }

    /// <inheritdoc/>
    public void Dispose() => _subscription?.Dispose();

    /// <summary>Whether no key is configured.</summary>
    public bool IsEmpty => _entries.Count == 0;

    /// <summary>The configured keys.</summary>
    public IEnumerable<ApiKey> Configured => _entries.Select(entry => entry.Key);

    /// <summary>All keys that are valid now.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The keys.</returns>
    public async ValueTask<IReadOnlyList<ApiKey>> ListAsync(CancellationToken cancellationToken)
    {
        var now = _clock.GetUtcNow();
        var index = await _watch.CurrentAsync(cancellationToken);
        return [.. Configured, .. index.List.Keys.Where(issued => issued.IsActive(now) && !Names(issued.Id)).Select(issued => issued.Key)];
    }

    /// <summary>Whether settings name a key of that id, whatever its case.</summary>
    /// <param name="id">The id.</param>
    /// <returns>Whether they do.</returns>
    public bool Names(string id) => _entries.Any(entry => entry.Key.Id.Equals(id, StringComparison.OrdinalIgnoreCase));

    /// <summary>The key of that secret; one that is not known here is asked for at its owner, since another process may have made it a moment ago.</summary>
    /// <param name="secret">What the caller presented.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The key; null when there is none.</returns>
    public async ValueTask<ApiKey?> SeekAsync(string secret, CancellationToken cancellationToken)
    {
        if (await FindAsync(secret, cancellationToken) is { } known)
            return known;
        return MayBeIssued(secret) ? IssuedBy(await _watch.AskAnewAsync(cancellationToken), secret) : null;
    }

    /// <summary>The key of that secret, as far as this process has heard.</summary>
    /// <param name="secret">What the caller presented.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The key; null when there is none.</returns>
    public async ValueTask<ApiKey?> FindAsync(string secret, CancellationToken cancellationToken)
    {
        if (FindConfigured(secret) is { } configured)
            return configured;
        return MayBeIssued(secret) ? IssuedBy(await _watch.CurrentAsync(cancellationToken), secret) : null;
    }

    private static bool MayBeIssued(string secret) => secret.StartsWith(KeySecret.Prefix, StringComparison.Ordinal);

    private ApiKey? IssuedBy(KeyIndex index, string secret)
    {
        var issued = index.Find(KeySecret.Hash(secret), _clock.GetUtcNow());
        return issued is null || Names(issued.Id) ? null : issued;
    }

    private IReadOnlyList<Entry> EntriesOf(OrleansChatOptions options) =>
        [.. options.ApiKeys.Select(key => new Entry(ToKey(key), Secret.From(key.Secret, _clock)))];

    private ApiKey? FindConfigured(string secret)
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
        Models = options.Models.Count == 0 ? null : options.Models,
        Upstreams = options.Upstreams.Count == 0 ? null : options.Upstreams,
        Collections = options.Collections.Count == 0 ? null : options.Collections,
        Cache = options.Cache,
        LogContent = options.LogContent,
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
