using System.Globalization;

namespace OrleansChat.Cluster.Bench.Processes;

/// <summary>Reads <c>--name value</c> pairs.</summary>
internal static class Arguments
{
    public static string Text(string[] args, string name)
    {
        var index = Array.IndexOf(args, name);
        return index >= 0 && index + 1 < args.Length ? args[index + 1] : throw new ArgumentException($"{name} is missing.", nameof(args));
    }

    public static int Number(string[] args, string name, int fallback) =>
        args.Contains(name) ? int.Parse(Text(args, name), CultureInfo.InvariantCulture) : fallback;
}
