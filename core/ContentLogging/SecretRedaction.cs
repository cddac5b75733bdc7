using System.Buffers;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Options;
using OrleansChat.Core.Keys;
using OrleansChat.Core.Settings;

namespace OrleansChat.Core.ContentLogging;

/// <summary>
/// Takes the server's own secrets out of a text: those of the settings as they are now, and everything that looks like a key made at run time. Users do
/// paste keys into prompts.
/// </summary>
public sealed partial class SecretRedaction : IDisposable
{
    /// <summary>Shorter secrets are no secrets, and would be found in any text.</summary>
    private const int Shortest = 6;

    private readonly TimeProvider _time;
    private readonly IDisposable? _subscription;
    private volatile IReadOnlyList<Secret> _secrets;

    /// <summary>Makes the redaction.</summary>
    /// <param name="settings">Where the secrets are, and followed.</param>
    /// <param name="time">Decides when a secret's file is looked at again.</param>
    public SecretRedaction(IOptionsMonitor<OrleansChatOptions> settings, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(settings);
        _time = time;
        _secrets = SecretsOf(settings.CurrentValue);
        _subscription = settings.OnChange((changed, _) => _secrets = SecretsOf(changed));
    }

    /// <summary>The text without secrets.</summary>
    /// <param name="text">The text.</param>
    /// <returns>The same, with <see cref="Secret.Mask"/> in the place of each secret.</returns>
    public string Redact(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        string[] known = [.. _secrets.Select(secret => secret.Read()).OfType<string>().Where(secret => secret.Length >= Shortest).OrderByDescending(secret => secret.Length)];
        if (known.Length > 0 && text.AsSpan().ContainsAny(SearchValues.Create(known, StringComparison.Ordinal)))
            text = known.Aggregate(text, (redacted, secret) => redacted.Replace(secret, Secret.Mask, StringComparison.Ordinal));
        return text.Contains(KeySecret.Prefix, StringComparison.Ordinal) ? IssuedSecret().Replace(text, Secret.Mask) : text;
    }

    /// <inheritdoc/>
    public void Dispose() => _subscription?.Dispose();

    // Redis' connection string holds its password among other things; as a whole it is in no text.
    private Secret[] SecretsOf(OrleansChatOptions options) =>
    [
        .. Secret.SettingsOf(options)
            .Except([options.Cluster.Redis])
            .Append(PasswordIn(options.Cluster.Redis))
            .OfType<string>()
            .Select(setting => Secret.From(setting, _time)),
    ];

    private static string? PasswordIn(string connection) => Password().Match(connection) is { Success: true } match ? match.Groups[1].Value : null;

    [GeneratedRegex("oc-[A-Za-z0-9_-]{43}")]
    private static partial Regex IssuedSecret();

    [GeneratedRegex("password=([^,]+)", RegexOptions.IgnoreCase)]
    private static partial Regex Password();
}
