using System.Text.Json.Serialization;

namespace OrleansChat.Core.Keys;

/// <summary>A key that was made at run time. Its secrets are known by their hashes only.</summary>
public sealed record IssuedKey
{
    /// <summary>The most secrets that are valid beside the newest and the one before it.</summary>
    public const int MostEarlier = 8;

    /// <summary>The key as it takes part in requests.</summary>
    public required ApiKey Key { get; init; }

    /// <summary>The SHA-256 hash of its secret, in base64.</summary>
    public required string SecretHash { get; init; }

    /// <summary>The hash of the secret before the last rotation; null where there is none.</summary>
    public string? PreviousHash { get; init; }

    /// <summary>When the secret before the last rotation ends to be valid.</summary>
    public DateTimeOffset? PreviousUntil { get; init; }

    /// <summary>The secrets before that one whose time is not over either, newest first; null for none.</summary>
    public IReadOnlyList<EarlierSecret>? Earlier { get; init; }

    /// <summary>When it was made.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>From when on it is not valid; null for never.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>When it was revoked; null where it is not.</summary>
    public DateTimeOffset? RevokedAt { get; init; }

    /// <summary>The key's id.</summary>
    [JsonIgnore]
    public string Id => Key.Id;

    /// <summary>Whether the key may be used at a moment.</summary>
    /// <param name="now">The moment.</param>
    /// <returns>Whether it may.</returns>
    public bool IsActive(DateTimeOffset now) => RevokedAt is null && !(ExpiresAt <= now);

    /// <summary>Whether a secret, given by its hash, opens the key at a moment.</summary>
    /// <param name="secretHash">The hash in base64.</param>
    /// <param name="now">The moment.</param>
    /// <returns>Whether it does.</returns>
    public bool Opens(string secretHash, DateTimeOffset now)
    {
        var isOpen = KeySecret.AreSame(secretHash, SecretHash) | (KeySecret.AreSame(secretHash, PreviousHash) & now < PreviousUntil);
        foreach (var earlier in Earlier ?? [])
            isOpen |= KeySecret.AreSame(secretHash, earlier.Hash) & now < earlier.Until;
        return IsActive(now) & isOpen;
    }

    /// <summary>
    /// The key with a new secret. The one before stays valid until that moment, and so do those before it, though none longer than it was said to: a rotation that is
    /// repeated because its answer was lost cuts nobody off, and one without an overlap ends all.
    /// </summary>
    /// <param name="secretHash">The hash of the new secret.</param>
    /// <param name="previousUntil">Until when the secret before is valid.</param>
    /// <param name="now">Now.</param>
    /// <returns>The key.</returns>
    public IssuedKey Rotate(string secretHash, DateTimeOffset previousUntil, DateTimeOffset now)
    {
        EarlierSecret[] before = PreviousHash is { } hash && PreviousUntil is { } until ? [new(hash, until), .. Earlier ?? []] : [];
        EarlierSecret[] valid =
        [
            .. before.Select(secret => secret with { Until = secret.Until < previousUntil ? secret.Until : previousUntil })
                .Where(secret => secret.Until > now)
                .Take(MostEarlier),
        ];
        return this with { SecretHash = secretHash, PreviousHash = SecretHash, PreviousUntil = previousUntil, Earlier = valid is [] ? null : valid };
    }
}

/// <summary>A secret from before the last rotation but one.</summary>
/// <param name="Hash">Its SHA-256 hash, in base64.</param>
/// <param name="Until">When it ends to be valid.</param>
public sealed record EarlierSecret(string Hash, DateTimeOffset Until);

/// <summary>All keys that were made at run time.</summary>
/// <param name="Version">Counts the changes, so that an older list never replaces a newer one.</param>
/// <param name="Keys">The keys, revoked ones included, in the order in which they were made.</param>
/// <param name="Ledgers">The ids of all keys that ever took part, those of settings included: each may have a ledger.</param>
public sealed record KeyList(long Version, IReadOnlyList<IssuedKey> Keys, IReadOnlyList<string> Ledgers);
