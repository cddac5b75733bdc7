namespace OrleansChat.Core.Caching;

/// <summary>Whose answers a request may be given from the cache, and who may be given its answer.</summary>
public enum CacheScope
{
    /// <summary>Nobody's: every request is sent upstream.</summary>
    Off,

    /// <summary>The same key's.</summary>
    Key,

    /// <summary>Those of all keys that share theirs too.</summary>
    Shared,
}
