using System.Collections.Frozen;

namespace OrleansChat.Core.Keys;

/// <summary>
/// A list of keys, found by the hash of their secret. The search is by the hash of 256 random bits: whatever its time tells of a stored hash
/// leads to no secret.
/// </summary>
/// <param name="list">The list.</param>
public sealed class KeyIndex(KeyList list)
{
    private readonly FrozenDictionary<string, IssuedKey> _byHash = list.Keys
        .SelectMany(key => key.PreviousHash is { } previous ? [(previous, key), (key.SecretHash, key)] : new[] { (key.SecretHash, key) })
        .ToFrozenDictionary(pair => pair.Item1, pair => pair.key, StringComparer.Ordinal);

    /// <summary>The list.</summary>
    public KeyList List { get; } = list;

    /// <summary>The key that a secret opens at a moment.</summary>
    /// <param name="secretHash">The SHA-256 hash of the secret, in base64.</param>
    /// <param name="now">The moment.</param>
    /// <returns>The key; null where no valid one is opened.</returns>
    public ApiKey? Find(string secretHash, DateTimeOffset now) =>
        _byHash.TryGetValue(secretHash, out var issued) && issued.Opens(secretHash, now) ? issued.Key : null;
}
