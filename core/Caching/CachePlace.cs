namespace OrleansChat.Core.Caching;

/// <summary>Where an answer belongs: keys that share nothing have actors of their own, and the request's hash chooses one of 256.</summary>
/// <param name="Actor">The actor's key.</param>
/// <param name="Id">The answer's id within it.</param>
public sealed record CachePlace(string Actor, string Id)
{
    /// <summary>The place of an answer.</summary>
    /// <param name="scope">Who may be given it; not <see cref="CacheScope.Off"/>.</param>
    /// <param name="keyId">The API key's id.</param>
    /// <param name="requestHash">The hash of the normalised request, in hexadecimal digits.</param>
    /// <returns>The place.</returns>
    public static CachePlace Of(CacheScope scope, string keyId, string requestHash)
    {
        ArgumentNullException.ThrowIfNull(requestHash);
        var owner = scope is CacheScope.Shared ? "shared" : $"key:{keyId}";
        return new CachePlace($"{owner}:{requestHash[..2]}", requestHash);
    }
}
