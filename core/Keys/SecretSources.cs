using System.Collections.Immutable;

namespace OrleansChat.Core.Keys;

/// <summary>
/// Places that secrets come from beside the environment and files, a vault for example. Whoever builds an executable with one registers it before settings are read; a setting
/// <c>scheme:reference</c> then means the secret there, wherever settings take secrets.
/// </summary>
public static class SecretSources
{
    private static readonly string[] BuiltIn = ["env", "file"];

    private static ImmutableDictionary<string, Func<string, TimeProvider, Secret>> _byScheme =
        ImmutableDictionary.Create<string, Func<string, TimeProvider, Secret>>(StringComparer.Ordinal);

    /// <summary>Registers a place for the rest of the process' life.</summary>
    /// <param name="scheme">What stands before the colon: lower-case letters, digits and hyphens, beginning with a letter.</param>
    /// <param name="open">
    /// Makes the secret that stands behind a reference, without reading it yet. <see cref="Secret.Read"/> is asked on the path of requests, by many at a time, so it has to keep what it
    /// read for as long as that may be used; its <see cref="Secret.Source"/> is printed.
    /// </param>
    /// <exception cref="ArgumentException">The scheme is no such word, or taken.</exception>
    public static void Register(string scheme, Func<string, TimeProvider, Secret> open)
    {
        ArgumentException.ThrowIfNullOrEmpty(scheme);
        ArgumentNullException.ThrowIfNull(open);
        if (!char.IsAsciiLetterLower(scheme[0]) || !scheme.All(static c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '-'))
            throw new ArgumentException($"'{scheme}' is no scheme: lower-case letters, digits and hyphens, beginning with a letter.", nameof(scheme));

        if (BuiltIn.Contains(scheme) || !ImmutableInterlocked.TryAdd(ref _byScheme, scheme, open))
            throw new ArgumentException($"The scheme '{scheme}' is taken.", nameof(scheme));
    }

    /// <summary>The secret that a setting names in a registered place.</summary>
    /// <param name="setting">The setting's value.</param>
    /// <param name="clock">The clock.</param>
    /// <returns>The secret; null where the setting names no such place.</returns>
    internal static Secret? Find(string setting, TimeProvider clock) =>
        setting.IndexOf(':', StringComparison.Ordinal) is > 0 and var colon && _byScheme.TryGetValue(setting[..colon], out var open)
            ? open(setting[(colon + 1)..], clock)
            : null;
}
