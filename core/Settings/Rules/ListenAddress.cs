using System.Globalization;
using System.Net;

namespace OrleansChat.Core.Settings.Rules;

/// <summary>An address to listen on, as a web server takes it: <c>http://host:port</c>, or <c>http://unix:/path</c>.</summary>
/// <param name="Host">The host; <c>*</c> and <c>+</c> stand for all; null for a Unix socket.</param>
internal sealed record ListenAddress(string? Host)
{
    private const string UnixPrefix = "unix:/";

    /// <summary>Whether only this machine can reach it.</summary>
    public bool IsLocal =>
        Host is null
        || Host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(Host.Trim('[', ']'), out var ip) && IPAddress.IsLoopback(ip));

    /// <summary>Reads an address.</summary>
    /// <param name="text">The address as written.</param>
    /// <returns>The address; null for what is none.</returns>
    public static ListenAddress? Parse(string text)
    {
        var separator = text.IndexOf("://", StringComparison.Ordinal);
        if (separator < 0 || text[..separator].ToUpperInvariant() is not ("HTTP" or "HTTPS"))
            return null;

        var rest = text[(separator + 3)..];
        if (rest.StartsWith(UnixPrefix, StringComparison.OrdinalIgnoreCase))
            return rest.Length > UnixPrefix.Length ? new ListenAddress((string?)null) : null;

        rest = rest.EndsWith('/') ? rest[..^1] : rest;
        var colon = rest.LastIndexOf(':');
        var hasPort = colon >= 0 && !rest[colon..].Contains(']', StringComparison.Ordinal);
        var host = hasPort ? rest[..colon] : rest;
        var isPort = !hasPort || ushort.TryParse(rest[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out _);
        return host.Length > 0 && !host.Contains('/', StringComparison.Ordinal) && isPort ? new ListenAddress(host) : null;
    }
}
