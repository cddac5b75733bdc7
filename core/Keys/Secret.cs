using OrleansChat.Core.Settings;

namespace OrleansChat.Core.Keys;

/// <summary>A secret of the settings: <c>env:NAME</c>, <c>file:/path</c>, one of a registered place (<see cref="SecretSources"/>) or the secret itself. Never printed.</summary>
public abstract class Secret
{
    private const string EnvironmentPrefix = "env:";
    private const string FilePrefix = "file:";

    /// <summary>What stands for a literal secret in messages.</summary>
    public const string Mask = "***";

    /// <summary>Where the secret comes from, fit to be printed: <c>env:NAME</c>, <c>file:/path</c>, a registered place's reference or <see cref="Mask"/>.</summary>
    public abstract string Source { get; }

    /// <summary>The secret that a setting describes. Nothing is read yet.</summary>
    /// <param name="setting">The setting's value.</param>
    /// <param name="clock">Decides when a file is looked at again.</param>
    /// <returns>The secret.</returns>
    public static Secret From(string setting, TimeProvider clock)
    {
        if (setting.StartsWith(EnvironmentPrefix, StringComparison.Ordinal))
            return new EnvironmentSecret(setting[EnvironmentPrefix.Length..]);
        if (setting.StartsWith(FilePrefix, StringComparison.Ordinal))
            return new FileSecret(setting[FilePrefix.Length..], clock);
        return SecretSources.Find(setting, clock) ?? new LiteralSecret(setting);
    }

    /// <summary>Whether a setting names a file.</summary>
    /// <param name="setting">The setting's value.</param>
    /// <returns>Whether it does.</returns>
    public static bool IsFile(string setting)
    {
        ArgumentNullException.ThrowIfNull(setting);
        return setting.StartsWith(FilePrefix, StringComparison.Ordinal);
    }

    /// <summary>The settings that are secrets, as they were written; Redis' connection among them, which may hold one.</summary>
    /// <param name="options">The settings.</param>
    /// <returns>Those that are not empty.</returns>
    internal static IEnumerable<string> SettingsOf(OrleansChatOptions options) =>
        options.ApiKeys.Select(key => key.Secret)
            .Concat(options.Upstreams.Select(upstream => upstream.ApiKey))
            .Concat([options.Qdrant.ApiKey, options.Telemetry.OtlpHeadersSecret, options.BudgetAlerts.Secret, options.Cluster.Redis])
            .OfType<string>()
            .Where(setting => setting.Length > 0);

    /// <summary>The secret as it is now.</summary>
    /// <returns>The secret, without surrounding white space; null when its source does not exist or is empty.</returns>
    public abstract string? Read();

    /// <inheritdoc/>
    public sealed override string ToString() => Source;

    private static string? Clean(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();

    private sealed class LiteralSecret(string value) : Secret
    {
        public override string Source => Mask;

        public override string? Read() => Clean(value);
    }

    private sealed class EnvironmentSecret(string name) : Secret
    {
        public override string Source => EnvironmentPrefix + name;

        public override string? Read() => name.Length == 0 ? null : Clean(Environment.GetEnvironmentVariable(name));
    }

    /// <summary>
    /// Looks at the file again at most once a second. It reads the content, not the time stamp: mounted secrets are exchanged by swapping a
    /// link, which leaves the times of the path as they were.
    /// </summary>
    private sealed class FileSecret(string path, TimeProvider clock) : Secret
    {
        private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

        private Reading? _last;

        public override string Source => FilePrefix + path;

        public override string? Read()
        {
            var last = Volatile.Read(ref _last);
            if (last is not null && clock.GetElapsedTime(last.At) < Interval)
                return last.Value;

            // A file that is gone for a moment while it is replaced leaves the last good value in force.
            var reading = new Reading(clock.GetTimestamp(), ReadFile() ?? last?.Value);
            Volatile.Write(ref _last, reading);
            return reading.Value;
        }

        private string? ReadFile()
        {
            try
            {
                return Clean(File.ReadAllText(path));
            }
            catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
            {
                return null;
            }
        }

        private sealed record Reading(long At, string? Value);
    }
}
