namespace OrleansChat.Deploy.Tests;

/// <summary>The HTTP routes that the executables map.</summary>
internal static class Routes
{
    /// <summary>Fails unless an executable's code maps a path.</summary>
    /// <param name="executable">The folder of its project.</param>
    /// <param name="path">The path.</param>
    public static void AssertMapped(string executable, string path)
    {
        // A silo has routes of its own; the others have the gateway's.
        var folder = executable == "silo" ? "silo" : "gateway-api";
        var sources = Directory.EnumerateFiles(Repository.PathOf(folder), "*.cs", SearchOption.AllDirectories);
        Assert.True(sources.Any(file => File.ReadAllText(file).Contains($"MapGet(\"{path}\"", StringComparison.Ordinal)), $"{executable} has no route {path}");
    }
}
