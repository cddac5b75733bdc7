using OrleansChat.Core.Settings.Reading;

namespace OrleansChat.Core.Tests.Settings;

/// <summary>Folders of a test's own: a repository with a folder to work in, a home, and the machine's settings.</summary>
internal sealed class SettingsFolders : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("orleanschat-settings-").FullName;

    public SettingsFolders()
    {
        Directory.CreateDirectory(Path.Combine(_root, "repo", ".git"));
        Directory.CreateDirectory(Path.Combine(_root, "repo", "work"));
    }

    public string Working => WriteTo("repo/work/orleanschat.json");

    public string Repository => WriteTo("repo/orleanschat.json");

    public string Home => WriteTo("home/.config/orleanschat/orleanschat.json");

    public string Machine => WriteTo("etc/orleanschat/orleanschat.json");

    public SettingsPlaces Places(IReadOnlyDictionary<string, string>? environment = null, params string[] arguments) => new()
    {
        WorkingDirectory = Path.Combine(_root, "repo/work"),
        HomeDirectory = Path.Combine(_root, "home"),
        SystemDirectory = Path.Combine(_root, "etc/orleanschat"),
        Environment = environment ?? new Dictionary<string, string>(),
        Arguments = arguments,
    };

    public static void Write(string path, string section) => File.WriteAllText(path, $$"""{ "OrleansChat": {{section}} }""");

    public void Dispose() => Directory.Delete(_root, recursive: true);

    private string WriteTo(string relative)
    {
        var path = Path.Combine(_root, relative);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        return path;
    }
}
