using System.Globalization;
using System.Text;

namespace OrleansChat.GatewayApi.Tests.Tenancy;

/// <summary>Other ways to write a path that names a thing.</summary>
internal static class PathTricks
{
    private static readonly Func<string, string, string>[] Tricks =
    [
        (folder, id) => $"{folder}/{Escaped(id)}",
        (folder, id) => $"{folder}/{Escaped(id[..1])}{id[1..]}",
        (folder, id) => $"{folder}/{Escaped(Escaped(id[..1]))}{id[1..]}",
        (folder, id) => $"{folder}/{id.ToUpperInvariant()}",
        (folder, id) => $"{folder.ToUpperInvariant()}/{id}",
        (folder, id) => $"{folder}//{id}",
        (folder, id) => $"/{folder}/{id}",
        (folder, id) => $"{folder}/{id}/",
        (folder, id) => $"{folder}/./{id}",
        (folder, id) => $"{folder}/other/../{id}",
        (folder, id) => $"{folder}/other/%2e%2e/{id}",
        (folder, id) => $"{folder}/other%2f..%2f{id}",
        (folder, id) => $"{folder}/..%5c{id}",
        (folder, id) => $"{folder}/{id}%00",
        (folder, id) => $"{folder}/{id}%01%1f%7f",
        (folder, id) => $"{folder}/{id}%0d%0aX-Api-Key:%20other",
        (folder, id) => $"{folder}/%20{id}%09",
        (folder, id) => $"{folder}/{id};v=1",
        (folder, id) => $"{folder}/{id}.json",
        (folder, id) => $"{folder}/{id}%2fturns",
        (folder, id) => $"{folder}/{id}%c0%af",
        (folder, id) => $"{folder}/{id}%EF%BC%91",
        (folder, id) => $"{folder}/{id}*",
        (folder, id) => $"{folder}/{{{id}}}",
        (folder, id) => $"{folder}/{id}{new string('0', 5_000)}",
        (folder, id) => $"{folder}/{id}?id={id}&api_key=none",
        (folder, id) => $"{folder}/{id}#{id}",
    ];

    /// <summary>How many there are.</summary>
    public static int Count => Tricks.Length;

    /// <summary>A path written in another way.</summary>
    /// <param name="trick">Which way, from 0.</param>
    /// <param name="folder">The path up to the id.</param>
    /// <param name="id">The id.</param>
    public static string Apply(int trick, string folder, string id) => Tricks[trick](folder, id);

    private static string Escaped(string text) =>
        text.Aggregate(new StringBuilder(), (escaped, character) => escaped.Append(CultureInfo.InvariantCulture, $"%{(int)character:X2}")).ToString();
}
