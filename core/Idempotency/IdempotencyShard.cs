using System.Security.Cryptography;
using System.Text;

namespace OrleansChat.Core.Idempotency;

/// <summary>Where an idempotency key belongs: it is an API key's own, and its hash chooses one of 256 actors.</summary>
/// <param name="Actor">The actor's key.</param>
/// <param name="Id">The operation's id within it.</param>
public sealed record IdempotencyShard(string Actor, string Id)
{
    /// <summary>The place of an idempotency key.</summary>
    /// <param name="keyId">The API key's id.</param>
    /// <param name="idempotencyKey">The idempotency key as the client sent it.</param>
    /// <returns>The place.</returns>
    public static IdempotencyShard Of(string keyId, string idempotencyKey)
    {
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(idempotencyKey)));
        return new IdempotencyShard($"{keyId}:{hash[..2]}", hash);
    }
}
