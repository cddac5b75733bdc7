using OrleansChat.Core.Settings.Reading;

namespace OrleansChat.Core.Tests.Settings;

public sealed class SettingsPrecedenceTests : IDisposable
{
    private readonly SettingsFolders _folders = new();

    public void Dispose() => _folders.Dispose();

    [Fact]
    public void Load_NothingSet_GivesDefaults()
    {
        var options = OrleansChatSettings.Load(_folders.Places());
        Assert.Equal("http://127.0.0.1:8080", options.Urls);
        Assert.Empty(options.ApiKeys);
    }

    [Fact]
    public void Load_TheSameKeyEverywhere_TakesTheHighestAndFallsDownOneByOne()
    {
        SettingsFolders.Write(_folders.Machine, """{ "DataDirectory": "machine" }""");
        SettingsFolders.Write(_folders.Home, """{ "DataDirectory": "home" }""");
        SettingsFolders.Write(_folders.Repository, """{ "DataDirectory": "repository" }""");
        SettingsFolders.Write(_folders.Working, """{ "DataDirectory": "working" }""");
        var environment = new Dictionary<string, string> { ["ORLEANSCHAT__DATADIRECTORY"] = "environment" };

        Assert.Equal("argument", Load(environment, "--OrleansChat:DataDirectory=argument"));
        Assert.Equal("argument", Load(environment, "--index", "x", "--orleanschat:datadirectory", "argument"));
        Assert.Equal("environment", Load(environment));
        Assert.Equal("working", Load(null));
        File.Delete(_folders.Working);
        Assert.Equal("repository", Load(null));
        File.Delete(_folders.Repository);
        Assert.Equal("home", Load(null));
        File.Delete(_folders.Home);
        Assert.Equal("machine", Load(null));
    }

    [Fact]
    public void Load_DifferentKeysInDifferentFiles_MergesThem()
    {
        SettingsFolders.Write(_folders.Machine, """{ "Gateway": { "MaxJsonDepth": 10, "MaxFrameBytes": 2048 } }""");
        SettingsFolders.Write(_folders.Working, """{ "Gateway": { "MaxJsonDepth": 20 } } /* a comment */ """);

        var gateway = OrleansChatSettings.Load(_folders.Places()).Gateway;

        Assert.Equal((20, 2048), (gateway.MaxJsonDepth, gateway.MaxFrameBytes));
    }

    [Fact]
    public void Load_AListInAHigherFile_ReplacesTheLowerListAsAWhole()
    {
        SettingsFolders.Write(_folders.Machine, """{ "Teams": [ { "Id": "a", "Budget": { "Usd": 5 } }, { "Id": "b" } ] }""");
        SettingsFolders.Write(_folders.Working, """{ "Teams": [ { "Id": "c" } ] }""");

        var team = Assert.Single(OrleansChatSettings.Load(_folders.Places()).Teams);

        Assert.Equal("c", team.Id);
        Assert.Null(team.Budget);
    }

    [Fact]
    public void Load_VariablesForItemsOfAList_ChangeAndAppendItems()
    {
        SettingsFolders.Write(_folders.Working, """{ "ApiKeys": [ { "Id": "a", "Secret": "one" } ] }""");
        var environment = new Dictionary<string, string>
        {
            ["ORLEANSCHAT__APIKEYS__0__SECRET"] = "two",
            ["ORLEANSCHAT__APIKEYS__1__ID"] = "b",
            ["ORLEANSCHAT__APIKEYS__1__SECRET"] = "three",
            ["ORLEANSCHAT__APIKEYS__1__LIMITS__REQUESTSPERMINUTE"] = "7",
        };

        var keys = OrleansChatSettings.Load(_folders.Places(environment)).ApiKeys;

        Assert.Equal([("a", "two", null), ("b", "three", 7)], keys.Select(key => (key.Id, key.Secret, key.Limits.RequestsPerMinute)));
    }

    [Fact]
    public void Load_AllSettingsOfTheDesign_ReadsThem()
    {
        var environment = new Dictionary<string, string>();
        SettingsFolders.Write(_folders.Working, """
            {
              "Urls": "http://127.0.0.1:8080",
              "ApiKeys": [ { "Id": "team-a", "Secret": "sk-1", "Team": "a", "Admin": false,
                             "Limits": { "RequestsPerMinute": 600, "TokensPerMinute": 200000, "MaxConcurrent": 50 },
                             "Budget": { "Usd": 100, "Window": "Month" } } ],
              "Teams": [ { "Id": "a", "Limits": {}, "Budget": { "Usd": 500, "Window": "Week" } } ],
              "Upstreams": [ { "Id": "openai", "Kind": "OpenAI", "BaseUrl": "https://api.openai.com/v1", "ApiKey": "sk-2", "Timeout": "00:01:00", "Limits": {} } ],
              "Models": [ { "Id": "default", "Route": [ "openai/gpt-4o-mini", "builtin/extractive" ],
                            "ContextTokens": 128000, "MaxOutputTokens": 4096, "InputUsdPerMillion": 0.15, "OutputUsdPerMillion": 0.60 } ],
              "Embeddings": { "Model": "builtin/hashing" }
            }
            """);

        var options = OrleansChatSettings.Load(_folders.Places(environment));

        Assert.Equal(200_000, options.ApiKeys[0].Limits.TokensPerMinute);
        Assert.Equal(500m, options.Teams[0].Budget?.Usd);
        Assert.Equal(TimeSpan.FromMinutes(1), options.Upstreams[0].Timeout);
        Assert.Equal(["openai/gpt-4o-mini", "builtin/extractive"], options.Models[0].Route);
        Assert.Equal(0.15m, options.Models[0].InputUsdPerMillion);
    }

    [Fact]
    public void Load_ARouteOfTextsAndObjects_ReadsBoth()
    {
        SettingsFolders.Write(
            _folders.Working,
            """
            { "Upstreams": [ { "Id": "openai", "BaseUrl": "http://localhost:1/v1" } ],
              "Models": [ { "Id": "default", "Route": [ { "Target": "openai/gpt-4o-mini", "Weight": 3 }, { "target": "openai/gpt-4o", "weight": 1 }, "builtin/extractive" ],
                            "HedgeAfter": "00:00:02" } ] }
            """);

        var model = OrleansChatSettings.Load(_folders.Places()).Models[0];

        Assert.Equal([("openai/gpt-4o-mini", 3), ("openai/gpt-4o", 1), ("builtin/extractive", (int?)null)], model.Route.Select(item => (item.Target, item.Weight)));
        Assert.Equal(TimeSpan.FromSeconds(2), model.HedgeAfter);
    }

    private string Load(IReadOnlyDictionary<string, string>? environment, params string[] arguments) =>
        OrleansChatSettings.Load(_folders.Places(environment, arguments)).DataDirectory;
}
