using System.Runtime.CompilerServices;
using System.Text.Json;
using OrleansChat.Core.Settings.Showing;

namespace OrleansChat.Core.Tests.Settings.Showing;

public sealed class SettingsSchemaTests
{
    [Fact]
    public void TheSchemaOfTheRepository_IsThatOfTheOptions()
    {
        var kept = File.ReadAllText(Path.Combine(Root(), "orleanschat.schema.json"));
        Assert.True(
            kept == SettingsSchema.Write(),
            "The options have changed. Bring the schema up to date: dotnet run --project standalone -- config schema > orleanschat.schema.json");
    }

    [Fact]
    public void TheSchema_KnowsRangesDefaultsDescriptionsAndRefusesOtherNames()
    {
        using var schema = JsonDocument.Parse(SettingsSchema.Write());
        var section = schema.RootElement.GetProperty("properties").GetProperty("OrleansChat");
        Assert.False(section.GetProperty("additionalProperties").GetBoolean());

        var depth = section.GetProperty("properties").GetProperty("Gateway").GetProperty("properties").GetProperty("MaxJsonDepth");
        Assert.Equal((4, 1_000, 64), (depth.GetProperty("minimum").GetInt32(), depth.GetProperty("maximum").GetInt32(), depth.GetProperty("default").GetInt32()));
        Assert.StartsWith("Levels of nesting", depth.GetProperty("description").GetString(), StringComparison.Ordinal);

        var kind = section.GetProperty("properties").GetProperty("Upstreams").GetProperty("items").GetProperty("properties").GetProperty("Kind");
        Assert.Contains("AzureOpenAI", kind.GetProperty("enum").EnumerateArray().Select(name => name.GetString()));
    }

    private static string Root([CallerFilePath] string path = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(path)!, "../../../.."));
}
