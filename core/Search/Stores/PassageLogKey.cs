using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace OrleansChat.Core.Search.Stores;

/// <summary>
/// The keys of a passage log: <c>version/{collection}/{number}</c> and <c>document/{collection}/{number}/{hash of the id}</c>. Names of collections
/// have no slash; ids may hold anything, so their SHA-256 stands for them.
/// </summary>
public static class PassageLogKey
{
    /// <summary>The longest key, in characters of ASCII.</summary>
    public const int MaxLength = 256;

    /// <summary>What the keys of versions begin with.</summary>
    internal const string Versions = "version/";

    /// <summary>What the keys of documents begin with.</summary>
    internal const string Documents = "document/";

    internal static string Of(CollectionVersion version) => Versions + Path(version);

    internal static string Of(CollectionVersion version, string documentId) =>
        $"{Documents}{Path(version)}/{Convert.ToHexStringLower(SHA256.HashData(Encoding.Unicode.GetBytes(documentId)))}";

    /// <summary>The version that a key belongs to.</summary>
    internal static CollectionVersion VersionOf(string key)
    {
        var parts = key.Split('/');
        return new CollectionVersion(parts[1], int.Parse(parts[2], CultureInfo.InvariantCulture));
    }

    private static string Path(CollectionVersion version) => string.Create(CultureInfo.InvariantCulture, $"{version.Collection}/{version.Number}");
}
