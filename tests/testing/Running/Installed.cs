namespace OrleansChat.Testing.Running;

/// <summary>Programs that this machine has.</summary>
public static class Installed
{
    /// <summary>Looks for a program where a shell does.</summary>
    /// <param name="program">Its name.</param>
    /// <returns>Where it is; null where there is none.</returns>
    public static string? Find(string program) => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists);
}
