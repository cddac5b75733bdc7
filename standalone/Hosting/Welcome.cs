using OrleansChat.Core.Settings;
using OrleansChat.Standalone.Journal;

namespace OrleansChat.Standalone.Hosting;

/// <summary>The first lines that a newcomer sees.</summary>
internal static class Welcome
{
    public static void Print(IEnumerable<string> addresses, OrleansChatOptions options, JournalRecovery recovery)
    {
        var address = addresses.First();
        var key = options.ApiKeys.Count > 0 ? " -H 'Authorization: Bearer <key>'" : "";
        Console.WriteLine($"OrleansChat is listening on {string.Join(", ", addresses)}");
        Console.WriteLine($"Data: {Path.GetFullPath(options.DataDirectory)} ({recovery.Keys:N0} records)");
        if (options.Models.Count == 0)
            Console.WriteLine("No language model is configured: answers quote your documents. See README.md, \"Settings\".");

        Console.WriteLine("Try:");
        Console.WriteLine(
            $"  curl -s {address}/chat{key} -H 'Content-Type: application/json' -d '{{\"api_version\":\"v1\",\"message\":\"Hello\",\"session_id\":\"first\"}}'");
    }
}
