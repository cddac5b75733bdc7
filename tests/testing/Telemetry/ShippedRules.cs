using System.Runtime.CompilerServices;

namespace OrleansChat.Testing.Telemetry;

/// <summary>The alerts that are shipped.</summary>
public static class ShippedRules
{
    /// <summary>Their file.</summary>
    public static string File { get; } = FileOf();

    /// <summary>Holds a test to them: what it looks at is what an alert asks.</summary>
    /// <param name="expressions">What their text has.</param>
    public static async Task AssertAskAsync(params string[] expressions)
    {
        var text = await System.IO.File.ReadAllTextAsync(File);
        Assert.All(expressions, expression => Assert.Contains(expression, text, StringComparison.Ordinal));
    }

    private static string FileOf([CallerFilePath] string path = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(path)!, "../../../deploy/prometheus/rules.yaml"));
}
