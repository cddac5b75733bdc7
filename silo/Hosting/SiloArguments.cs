namespace OrleansChat.Silo.Hosting;

/// <summary>What the command line says beside settings.</summary>
/// <param name="IsLocal">Whether to run one silo alone, with its states in memory.</param>
/// <param name="Unknown">The first argument that is neither an option nor a setting; null for none.</param>
internal sealed record SiloArguments(bool IsLocal, string? Unknown)
{
    private const string Local = "--local";
    private const string SettingPrefix = "--OrleansChat:";

    /// <summary>Reads the command line.</summary>
    public static SiloArguments Parse(IReadOnlyList<string> arguments)
    {
        string? unknown = null;
        for (var i = 0; i < arguments.Count; i++)
        {
            var argument = arguments[i];
            if (argument.StartsWith(SettingPrefix, StringComparison.OrdinalIgnoreCase))
                i += argument.Contains('=', StringComparison.Ordinal) ? 0 : 1;
            else if (argument != Local)
                unknown ??= argument;
        }

        return new SiloArguments(arguments.Contains(Local), unknown);
    }
}
