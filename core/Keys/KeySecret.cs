using System.Buffers.Text;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace OrleansChat.Core.Keys;

/// <summary>Secrets of keys that are made at run time: a prefix and 32 random bytes.</summary>
public static class KeySecret
{
    /// <summary>What every such secret begins with, so that it is known for one where it leaks.</summary>
    public const string Prefix = "oc-";

    private const int RandomBytes = 32;

    /// <summary>Makes a secret.</summary>
    /// <returns>The secret, 46 characters that need no escaping anywhere.</returns>
    public static string Create()
    {
        Span<byte> bytes = stackalloc byte[RandomBytes];
        RandomNumberGenerator.Fill(bytes);
        return Prefix + Base64Url.EncodeToString(bytes);
    }

    /// <summary>The SHA-256 hash of a secret. It is not salted or slowed: nobody guesses 256 random bits.</summary>
    /// <param name="secret">The secret.</param>
    /// <returns>The hash in base64.</returns>
    public static string Hash(string secret) => Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(secret)));

    /// <summary>Whether two hashes are the same, in a time that does not tell where they differ.</summary>
    /// <param name="one">A hash in base64.</param>
    /// <param name="other">Another; null is like none.</param>
    /// <returns>Whether they are.</returns>
    public static bool AreSame(string one, string? other) =>
        other is not null && CryptographicOperations.FixedTimeEquals(MemoryMarshal.AsBytes(one.AsSpan()), MemoryMarshal.AsBytes(other.AsSpan()));
}
