using System.Text.Json.Nodes;

namespace OrleansChat.GatewayApi.Tests.Settings.Reloads;

/// <summary>What can be wrong with a settings file that is right otherwise.</summary>
internal static class FileFaults
{
    private static readonly Func<JsonObject, string>[] All =
    [
        settings => Changed(settings, "Wrong", 1),
        settings => Changed(settings, "Models", "small"),
        settings => Changed(settings, "Org", new JsonObject { ["Budget"] = new JsonObject { ["Usd"] = "much" } }),
        settings => Added(settings, "ApiKeys", new JsonObject { ["Id"] = DrawnSettings.Boss, ["Secret"] = "sk-second" }),
        settings => Added(settings, "Models", new JsonObject { ["Id"] = "lost", ["Route"] = new JsonArray("nowhere/m") }),
        settings => Added(settings, "Teams", new JsonObject { ["Id"] = "blue", ["Limits"] = new JsonObject { ["MaxConcurrent"] = -1 } }),
        settings => Added(
            settings,
            "Models",
            new JsonObject { ["Id"] = "a", ["Route"] = new JsonArray("b") },
            new JsonObject { ["Id"] = "b", ["Route"] = new JsonArray("a") }),
        settings => File(settings)[..^1],
    ];

    /// <summary>The file as it is written.</summary>
    public static string File(JsonObject settings) => new JsonObject { ["OrleansChat"] = settings }.ToJsonString();

    /// <summary>The file with something wrong in it.</summary>
    public static string Spoil(JsonObject settings, Random random) => All[random.Next(All.Length)](settings);

    private static string Changed(JsonObject settings, string name, JsonNode value)
    {
        settings[name] = value;
        return File(settings);
    }

    private static string Added(JsonObject settings, string name, params JsonNode[] items)
    {
        foreach (var item in items)
            settings[name]!.AsArray().Add(item);
        return File(settings);
    }
}
