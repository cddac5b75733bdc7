using System.Collections;

namespace OrleansChat.Core.Settings.Reading;

/// <summary>Where settings are looked for.</summary>
public sealed record SettingsPlaces
{
    private const string FileName = "orleanschat.json";

    /// <summary>Arguments of the command line; those that are not <c>--OrleansChat:…</c> are passed over.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>Variables of the environment.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>The folder that the process was started in.</summary>
    public required string WorkingDirectory { get; init; }

    /// <summary>The user's folder.</summary>
    public required string HomeDirectory { get; init; }

    /// <summary>The machine's folder of settings.</summary>
    public string SystemDirectory { get; init; } = "/etc/orleanschat";

    /// <summary>The places of this process.</summary>
    /// <param name="arguments">Arguments of the command line.</param>
    /// <returns>The places.</returns>
    public static SettingsPlaces OfThisProcess(IReadOnlyList<string> arguments) => new()
    {
        Arguments = arguments,
        Environment = System.Environment.GetEnvironmentVariables().Cast<DictionaryEntry>()
            .ToDictionary(entry => (string)entry.Key, entry => entry.Value as string ?? "", StringComparer.Ordinal),
        WorkingDirectory = Directory.GetCurrentDirectory(),
        HomeDirectory = System.Environment.GetFolderPath(System.Environment.SpecialFolder.UserProfile),
    };

    /// <summary>The files, highest first, whether they exist or not.</summary>
    public IReadOnlyList<string> Files
    {
        get
        {
            IEnumerable<string?> files =
            [
                Path.Combine(WorkingDirectory, FileName),
                RepositoryRoot() is { } root ? Path.Combine(root, FileName) : null,
                HomeDirectory.Length > 0 ? Path.Combine(HomeDirectory, ".config", "orleanschat", FileName) : null,
                Path.Combine(SystemDirectory, FileName),
            ];
            return [.. files.OfType<string>().Distinct(StringComparer.Ordinal)];
        }
    }

    private string? RepositoryRoot()
    {
        for (var folder = new DirectoryInfo(WorkingDirectory); folder is not null; folder = folder.Parent)
        {
            // A work tree's .git is a file.
            if (Path.Exists(Path.Combine(folder.FullName, ".git")) || File.Exists(Path.Combine(folder.FullName, "OrleansChat.sln")))
                return folder.FullName;
        }

        return null;
    }
}
