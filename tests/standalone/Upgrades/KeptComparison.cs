using System.Text.Json;

namespace OrleansChat.Standalone.Tests.Upgrades;

/// <summary>Holds an answer against the one that another version gave: later versions may say more, and have scores and times of their own.</summary>
internal static class KeptComparison
{
    private static readonly HashSet<string> OwnOfAVersion = ["score", "scores", "tookMs", "lastActiveAt", "created_at"];

    /// <summary>Fails unless an answer has all that an older one had.</summary>
    public static void AssertHas(JsonElement before, JsonElement now, string path)
    {
        Assert.True(before.ValueKind == now.ValueKind, $"{path}: it was {before}, it is {now}");
        switch (before.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (var field in before.EnumerateObject().Where(field => !OwnOfAVersion.Contains(field.Name)))
                    AssertHas(field.Value, now.TryGetProperty(field.Name, out var value) ? value : default, $"{path}.{field.Name}");
                break;
            case JsonValueKind.Array:
                Assert.True(before.GetArrayLength() == now.GetArrayLength(), $"{path}: it was {before}, it is {now}");
                foreach (var (index, item) in before.EnumerateArray().Index())
                    AssertHas(item, now[index], $"{path}[{index}]");
                break;
            default:
                Assert.True(before.ToString() == now.ToString(), $"{path}: it was {before}, it is {now}");
                break;
        }
    }
}
