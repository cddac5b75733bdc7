namespace OrleansChat.Providers.Builtin;

/// <summary>
/// A 64-bit hash of text that is the same in every process and on every platform: FNV-1a over UTF-16 code units, then the finalizer of
/// MurmurHash3, without which the low bits of short words are poorly mixed.
/// </summary>
internal static class StableHash
{
    private const ulong OffsetBasis = 14695981039346656037;
    private const ulong Prime = 1099511628211;

    /// <summary>The hash of a text; different seeds give independent hashes.</summary>
    public static ulong Of(ReadOnlySpan<char> text, ulong seed)
    {
        var hash = OffsetBasis ^ seed;
        foreach (var unit in text)
            hash = (hash ^ unit) * Prime;
        hash = (hash ^ (hash >> 33)) * 0xFF51AFD7ED558CCD;
        hash = (hash ^ (hash >> 33)) * 0xC4CEB9FE1A85EC53;
        return hash ^ (hash >> 33);
    }
}
