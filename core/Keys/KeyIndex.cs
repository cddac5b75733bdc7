using System.Collections.Frozen;
using System.Runtime.InteropServices;

namespace OrleansChat.Core.Keys;

/// <summary>
/// A list of keys, found by the hash of their secret. A number of the hash's first bits says which keys are compared, and those are compared in constant time: the time of a search
/// tells nothing of a stored hash, and a hash of 256 random bits leads to no secret anyway.
/// </summary>
/// <param name="list">The list.</param>
public sealed class KeyIndex(KeyList list)
{
    private const int Characters = sizeof(long) / sizeof(char);

    private readonly FrozenDictionary<long, IssuedKey[]> _byPrefix = list.Keys
        .SelectMany(key => HashesOf(key).Select(hash => (Prefix: PrefixOf(hash), Key: key)))
        .GroupBy(pair => pair.Prefix, pair => pair.Key)
        .ToFrozenDictionary(group => group.Key, group => group.ToArray());

    /// <summary>The list.</summary>
    public KeyList List { get; } = list;

    /// <summary>The key that a secret opens at a moment.</summary>
    /// <param name="secretHash">The SHA-256 hash of the secret, in base64.</param>
    /// <param name="now">The moment.</param>
    /// <returns>The key; null where no valid one is opened.</returns>
    public ApiKey? Find(string secretHash, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(secretHash);
        if (!_byPrefix.TryGetValue(PrefixOf(secretHash), out var keys))
            return null;

        ApiKey? found = null;
        foreach (var key in keys)
        {
            if (key.Opens(secretHash, now))
                found = key.Key;
        }

        return found;
    }

    private static IEnumerable<string> HashesOf(IssuedKey key) =>
        new[] { key.SecretHash, key.PreviousHash }.Concat(key.Earlier?.Select(earlier => earlier.Hash) ?? []).OfType<string>();

    // The first characters of a hash, 24 bits of it, as one number: numbers are compared at once.
    private static long PrefixOf(string hash)
    {
        Span<char> first = stackalloc char[Characters];
        first.Clear();
        hash.AsSpan(0, Math.Min(hash.Length, Characters)).CopyTo(first);
        return MemoryMarshal.Read<long>(MemoryMarshal.AsBytes(first));
    }
}
