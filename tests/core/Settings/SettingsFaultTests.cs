using OrleansChat.Core.Settings.Reading;

namespace OrleansChat.Core.Tests.Settings;

public sealed class SettingsFaultTests : IDisposable
{
    private readonly SettingsFolders _folders = new();

    public void Dispose() => _folders.Dispose();

    public static TheoryData<string, string, string> OneFault => new()
    {
        { """{ "Ulrs": "x" }""", "OrleansChat:Ulrs", "Did you mean 'Urls'?" },
        { """{ "Gateway": { "MaxFrameByte": 1 } }""", "OrleansChat:Gateway:MaxFrameByte", "Did you mean 'MaxFrameBytes'?" },
        { """{ "Gateway": { "MaxFrameBytes": "big" } }""", "OrleansChat:Gateway:MaxFrameBytes", "must be a whole number" },
        { """{ "Gateway": { "MaxFrameBytes": 12 } }""", "OrleansChat:Gateway:MaxFrameBytes", "must be from 1,024 to" },
        { """{ "Gateway": { "DrainTimeout": "60" } }""", "OrleansChat:Gateway:DrainTimeout", "'00:01:30'" },
        { """{ "Gateway": [] }""", "OrleansChat:Gateway", "must be an object" },
        { """{ "Urls": 8080 }""", "OrleansChat:Urls", "must be a text in quotes" },
        { """{ "Urls": "127.0.0.1:8080" }""", "OrleansChat:Urls", "not an address" },
        { """{ "Urls": "http://0.0.0.0:8080" }""", "OrleansChat:Urls", "no API key is configured" },
        { """{ "Urls": "http://+:8080" }""", "OrleansChat:Urls", "no API key is configured" },
        { """{ "Teams": { "Id": "a" } }""", "OrleansChat:Teams", "must be a list" },
        { """{ "Teams": [ "a" ] }""", "OrleansChat:Teams:0", "must be an object" },
        { """{ "Teams": [ { "Id": "a" }, { "Id": "A" } ] }""", "OrleansChat:Teams:1:Id", "Teams:0 too" },
        { """{ "Teams": [ { "Id": "a b" } ] }""", "OrleansChat:Teams:0:Id", "letters, digits" },
        { """{ "Teams": [ { "Id": ".." } ] }""", "OrleansChat:Teams:0:Id", "beside dots" },
        { """{ "Teams": [ { "Id": "a", "Budget": { "Usd": -1 } } ] }""", "OrleansChat:Teams:0:Budget:Usd", "must be from 0" },
        { """{ "Teams": [ { "Id": "a", "Budget": { "Usd": 1, "Window": "Year" } } ] }""", "OrleansChat:Teams:0:Budget:Window", "'Day', 'Week', 'Month', 'Total'" },
        { """{ "Teams": [ { "Id": "a", "Limits": { "Burst": 5 } } ] }""", "OrleansChat:Teams:0:Limits:Burst", "Smooth" },
        { """{ "Teams": [ { "Id": "a", "Limits": { "RequestsPerMinute": 1, "MaxWait": "00:00:00" } } ] }""", "OrleansChat:Teams:0:Limits:MaxWait", "must be from 00:00:00.0010000 to 01:00:00" },
        { """{ "Teams": [ { "Id": "a", "Limits": { "RequestsPerMinute": 1, "MaxWait": "2.00:00:00" } } ] }""", "OrleansChat:Teams:0:Limits:MaxWait", "must be from 00:00:00.0010000 to 01:00:00" },
        { """{ "ApiKeys": [ { "Id": "a" } ] }""", "OrleansChat:ApiKeys:0:Secret", "is missing" },
        { """{ "ApiKeys": [ { "Id": "a", "Secret": "env:NO_SUCH_VARIABLE_1" } ] }""", "OrleansChat:ApiKeys:0:Secret", "env:NO_SUCH_VARIABLE_1 exists" },
        { """{ "ApiKeys": [ { "Id": "a", "Secret": "file:/no/such/secret" } ] }""", "OrleansChat:ApiKeys:0:Secret", "file:/no/such/secret exists, is not empty and can be read" },
        { """{ "ApiKeys": [ { "Id": "a", "Secret": "file:/" } ] }""", "OrleansChat:ApiKeys:0:Secret", "gives no secret" },
        { """{ "ApiKeys": [ { "Id": "a", "Secret": "s" }, { "Id": "a", "Secret": "t" } ] }""", "OrleansChat:ApiKeys:1:Id", "ApiKeys:0 too" },
        { """{ "ApiKeys": [ { "Id": "a", "Secret": "s", "Collections": [ "docs", "a b" ] } ] }""", "OrleansChat:ApiKeys:0:Collections:1", "collection's name" },
        { """{ "ApiKeys": [ { "Id": "a", "Secret": "s", "LogContent": "yes" } ] }""", "OrleansChat:ApiKeys:0:LogContent", "true or false" },
        { """{ "Upstreams": [ { "Id": "x", "BaseUrl": "http://x/v1" }, { "Id": "X", "BaseUrl": "http://y/v1" } ] }""", "OrleansChat:Upstreams:1:Id", "Upstreams:0 too" },
        { """{ "Models": [ { "Id": "m", "Route": [ "builtin/a" ] }, { "Id": "n", "Route": [ "builtin/a" ] }, { "Id": "M", "Route": [ "builtin/b" ] } ] }""", "OrleansChat:Models:2:Id", "Models:0 too" },
        { """{ "Flags": [ { "Id": "f", "On": true }, { "Id": "F" } ] }""", "OrleansChat:Flags:1:Id", "Flags:0 too" },
        { """{ "Admission": { "WithoutStore": "Alow" } }""", "OrleansChat:Admission:WithoutStore", "'Deny', 'Allow'" },
        { """{ "ApiKeys": [ { "Id": "a", "Secret": "s", "Team": "b" } ] }""", "OrleansChat:ApiKeys:0:Team", "not configured" },
        { """{ "ApiKeys": [ { "Id": "a", "Secret": "s" }, { "Id": "b", "Secret": "s" } ] }""", "OrleansChat:ApiKeys:1:Secret", "ApiKeys:0 too" },
        { """{ "Upstreams": [ { "Id": "builtin", "BaseUrl": "http://x/v1" } ] }""", "OrleansChat:Upstreams:0:Id", "is taken" },
        { """{ "Upstreams": [ { "Id": "x", "BaseUrl": "ftp://x" } ] }""", "OrleansChat:Upstreams:0:BaseUrl", "http or https" },
        { """{ "Upstreams": [ { "Id": "x" } ] }""", "OrleansChat:Upstreams:0:BaseUrl", "is missing" },
        { """{ "Upstreams": [ { "Id": "x", "BaseUrl": "http://x/v1", "Timeout": "02:00:00" } ] }""", "OrleansChat:Upstreams:0:Timeout", "must be from" },
        { """{ "Upstreams": [ { "Id": "x", "BaseUrl": "http://x/v1", "MaxRetries": 11 } ] }""", "OrleansChat:Upstreams:0:MaxRetries", "must be from 0 to 10" },
        { """{ "Models": [ { "Id": "m", "Route": [] } ] }""", "OrleansChat:Models:0:Route", "is empty" },
        { """{ "Models": [ { "Id": "m", "Route": [ "gpt" ] } ] }""", "OrleansChat:Models:0:Route:0", "upstream/model" },
        { """{ "Models": [ { "Id": "m", "Route": [ "buildin/extractive" ] } ] }""", "OrleansChat:Models:0:Route:0", "Did you mean 'builtin/extractive'?" },
        { """{ "Models": [ { "Id": "m", "Route": [ "builtin/extractive" ], "ContextTokens": 4096 } ] }""", "OrleansChat:Models:0:MaxOutputTokens", "no room" },
        { """{ "Models": [ { "Id": "m", "Route": [ { "Target": "buildin/x", "Weight": 1 } ] } ] }""", "OrleansChat:Models:0:Route:0", "Did you mean" },
        { """{ "Models": [ { "Id": "m", "Route": [ { "Target": "builtin/extractive", "Weight": 0 } ] } ] }""", "OrleansChat:Models:0:Route:0:Weight", "must be from 1" },
        { """{ "Models": [ { "Id": "m", "Route": [ { "Target": "builtin/a", "Wieght": 2 } ] } ] }""", "OrleansChat:Models:0:Route:0:Wieght", "Did you mean 'Weight'?" },
        { """{ "Models": [ { "Id": "m", "Route": [ { "Target": "builtin/a", "Weight": 2 }, "builtin/a" ] } ] }""", "OrleansChat:Models:0:Route:1", "in the route already" },
        { """{ "Gatewya": {} }""", "OrleansChat:Gatewya", "Did you mean 'Gateway'?" },
        { """{ "Gateway": { "MaxSlowDwon": 2 } }""", "OrleansChat:Gateway:MaxSlowDwon", "Did you mean 'MaxSlowdown'?" },
        { """{ "Gateway": { "MaxSlowdown": 1 } }""", "OrleansChat:Gateway:MaxSlowdown", "0 or from 1.1 to 100" },
        { """{ "Gateway": { "MaxWaiting": -1 } }""", "OrleansChat:Gateway:MaxWaiting", "must be from 0" },
        { """{ "Models": [ { "Id": "m", "Route": [ "m" ] } ] }""", "OrleansChat:Models:0:Route:0", "leads back to model 'm'" },
        { """{ "Models": [ { "Id": "m", "Route": [ "builtin/a", { "Target": "n", "Weight": 2 } ] }, { "Id": "n", "Route": [ "builtin/a" ] } ] }""", "OrleansChat:Models:0:Route:1:Weight", "weights of their own" },
        { """{ "Models": [ { "Id": "m", "Route": [ "builtin/a", "n" ] } ] }""", "OrleansChat:Models:0:Route:1", "upstream/model" },
        { """{ "Models": [ { "Id": "m", "Route": [ "builtin/a" ], "HedgeAfter": "00:00:00" } ] }""", "OrleansChat:Models:0:HedgeAfter", "must be from" },
        { """{ "Embeddings": { "Model": "nowhere/x" } }""", "OrleansChat:Embeddings:Model", "'nowhere', which is not configured" },
        { """{ "Ledger": { "RetentionDays": -1 } }""", "OrleansChat:Ledger:RetentionDays", "must be from 0 to 36,500" },
        { """{ "Ledger": { "RetentionDays": 36501 } }""", "OrleansChat:Ledger:RetentionDays", "must be from 0 to 36,500" },
        { """{ "Ledger": { "RetentionDays": "400.00:00:00" } }""", "OrleansChat:Ledger:RetentionDays", "must be a whole number" },
        { """{ "Ledger": { "RetentionDay": 400 } }""", "OrleansChat:Ledger:RetentionDay", "Did you mean 'RetentionDays'?" },
        { """{ "Ledger": 400 }""", "OrleansChat:Ledger", "must be an object" },
        { """{ "Org": { "TimeZone": "Mars/Olympus" } }""", "OrleansChat:Org:TimeZone", "time zone" },
        { """{ "Org": { "Budget": { "Usd": -0.000000001 } } }""", "OrleansChat:Org:Budget:Usd", "must be from 0" },
        { """{ "Org": { "Budget": { "Usd": 1, "Thresholds": [ 80, 0 ] } } }""", "OrleansChat:Org:Budget:Thresholds:1", "from 1 to 1000" },
        { """{ "Org": { "Budget": { "Usd": 1, "Thresholds": [ 80, 80 ] } } }""", "OrleansChat:Org:Budget:Thresholds:1", "twice" },
        { """{ "Org": { "Budget": { "Usd": 1, "Thresholds": [ "all" ] } } }""", "OrleansChat:Org:Budget:Thresholds:0", "must be a whole number" },
        { """{ "Org": { "Budget": { "Usd": 1, "FreeTokens": { "default": -1 } } } }""", "OrleansChat:Org:Budget:FreeTokens:default", "must be from 0" },
        { """{ "Org": { "Budget": { "Usd": 1, "FreeTokens": { "default": "many" } } } }""", "OrleansChat:Org:Budget:FreeTokens:default", "must be a whole number" },
        { """{ "Org": { "Budget": { "Usd": 1, "FreeTokens": { "defautl": 5 } } } }""", "OrleansChat:Org:Budget:FreeTokens:defautl", "Did you mean 'default'?" },
        { """{ "Org": { "Budget": { "Usd": 1, "FreeTokens": 5 } } }""", "OrleansChat:Org:Budget:FreeTokens", "names with whole numbers" },
        { """{ "BudgetAlerts": { "Webhook": "ftp://x", "Secret": "s" } }""", "OrleansChat:BudgetAlerts:Webhook", "http or https" },
        { """{ "BudgetAlerts": { "Webhook": "http://a:b@x/", "Secret": "s" } }""", "OrleansChat:BudgetAlerts:Webhook", "credentials" },
        { """{ "BudgetAlerts": { "Webhook": "http://x/" } }""", "OrleansChat:BudgetAlerts:Secret", "is missing" },
        { """{ "BudgetAlerts": { "Webhook": "http://x/", "Secret": "whsec_?" } }""", "OrleansChat:BudgetAlerts:Secret", "base64" },
        { """{ "BudgetAlerts": { "Secret": "s" } }""", "OrleansChat:BudgetAlerts:Secret", "without a webhook" },
        { """{ "Models": [ { "Id": "m", "Route": [ "builtin/extractive" ], "InputUsdPerMillion": -0.1 } ] }""", "OrleansChat:Models:0:InputUsdPerMillion", "must be from 0" },
        { """{ "Models": [ { "Id": "m", "Route": [ "builtin/extractive" ], "OutputUsdPerMillion": 1e7 } ] }""", "OrleansChat:Models:0:OutputUsdPerMillion", "must be from 0 to 1,000,000" },
        { """{ "Models": [ { "Id": "m", "Route": [ "builtin/extractive" ], "CachedInputUsdPerMillion": -1 } ] }""", "OrleansChat:Models:0:CachedInputUsdPerMillion", "must be from 0" },
        { """{ "Models": [ { "Id": "m", "Route": [ "builtin/extractive" ], "ReasoningUsdPerMillion": "NaN" } ] }""", "OrleansChat:Models:0:ReasoningUsdPerMillion", "must be a number" },
        { """{ "Search": { "RerankUsdPerMillion": -1 } }""", "OrleansChat:Search:RerankUsdPerMillion", "must be from 0" },
        { """{ "ApiKeys": [ { "Id": "System", "Secret": "s-0123456789abcdef" } ] }""", "OrleansChat:ApiKeys:0:Id", "the server itself" },
        { """{ "Embeddings": { "InputUsdPerMillion": -1 } }""", "OrleansChat:Embeddings:InputUsdPerMillion", "must be from 0" },
        { """{ "Embeddings": { "InputUsdPerMillion": 1e30 } }""", "OrleansChat:Embeddings:InputUsdPerMillion", "must be" },
        { """{ "Search": { "RerankUsdPerMillion": -1 } }""", "OrleansChat:Search:RerankUsdPerMillion", "must be from 0" },
        { """{ "Models": [ { "Id": "m", "Route": [ "builtin/extractive" ], "CacheWriteUsdPerMillion": 1000001 } ] }""", "OrleansChat:Models:0:CacheWriteUsdPerMillion", "must be from 0" },
        { """{ "Models": [ { "Id": "m", "Route": [ "builtin/extractive" ], "ReasoningUsdPerMillion": "free" } ] }""", "OrleansChat:Models:0:ReasoningUsdPerMillion", "must be" },
        { """{ "Models": [ { "Id": "m", "Route": [ "builtin/extractive" ], "InputUsdPerMillion": 1e30 } ] }""", "OrleansChat:Models:0:InputUsdPerMillion", "must be" },
        { """{ "Models": [ { "Id": "m", "Route": [ "builtin/extractive" ], "Limits": { "TokensPerMinute": -1 } } ] }""", "OrleansChat:Models:0:Limits:TokensPerMinute", "must be from 0" },
        { """{ "Teams": [ { "Id": "a", "Limits": { "RequestsPerMinute": 1e30 } } ] }""", "OrleansChat:Teams:0:Limits:RequestsPerMinute", "must be" },
        { """{ "Teams": [ { "Id": "a", "Limits": { "RequestsPerDay": 0.5 } } ] }""", "OrleansChat:Teams:0:Limits:RequestsPerDay", "must be" },
        { """{ "Teams": [ { "Id": "a", "Limits": { "MaxConcurrent": -1 } } ] }""", "OrleansChat:Teams:0:Limits:MaxConcurrent", "must be from 0" },
        { """{ "Teams": [ { "Id": "a", "Limits": { "MaxTokensPerRequest": 99999999999999999999 } } ] }""", "OrleansChat:Teams:0:Limits:MaxTokensPerRequest", "must be" },
        { """{ "Teams": [ { "Id": "a", "Budget": { "Usd": 1e30 } } ] }""", "OrleansChat:Teams:0:Budget:Usd", "must be" },
        { """{ "Logging": { "Level": "Loud" } }""", "OrleansChat:Logging:Level", "log level" },
        { """{ "Breakers": { "FailureRatio": 1.5 } }""", "OrleansChat:Breakers:FailureRatio", "at most 1" },
        { """{ "DataDirectory": "a", "datadirectory": "b" }""", "OrleansChat:datadirectory", "given twice" },
    };

    [Theory]
    [MemberData(nameof(OneFault))]
    public void Read_AWrongSetting_NamesKeySourceAndRemedy(string section, string key, string text)
    {
        SettingsFolders.Write(_folders.Working, section);

        var fault = Assert.Single(OrleansChatSettings.Read(_folders.Places()).Faults);

        Assert.Equal(key, fault.Key);
        Assert.Contains(text, fault.ToString(), StringComparison.Ordinal);
        Assert.NotEmpty(fault.Remedy);
    }

    [Fact]
    public void Read_RoutesThatLeadInACircle_NamesEveryStepOfIt()
    {
        SettingsFolders.Write(
            _folders.Working,
            """
            { "Models": [ { "Id": "a", "Route": [ "builtin/extractive", "b" ] }, { "Id": "b", "Route": [ "c" ] }, { "Id": "c", "Route": [ "a" ] },
                          { "Id": "d", "Route": [ "a" ] } ] }
            """);

        var faults = OrleansChatSettings.Read(_folders.Places()).Faults;

        Assert.Equal(["OrleansChat:Models:0:Route:1", "OrleansChat:Models:1:Route:0", "OrleansChat:Models:2:Route:0"], faults.Select(fault => fault.Key));
    }

    [Fact]
    public void Load_SeveralFaults_NamesThemAll()
    {
        SettingsFolders.Write(_folders.Working, """{ "Ulrs": 1, "DataDirectory": 2, "Gateway": { "MaxJsonDepth": 1 } }""");
        var faults = Assert.Throws<SettingsFaultsException>(() => OrleansChatSettings.Load(_folders.Places())).Faults;
        Assert.Equal(3, faults.Count);
    }

    [Theory]
    [InlineData("""{ "Unknown": 1, "Upstreams": [ { "Id": "x", "BaseUrl": "http://x/v1", "MaxSlowdown": 0.5 } ] }""", "OrleansChat:Unknown", "OrleansChat:Upstreams:0:MaxSlowdown")]
    [InlineData(
        """{ "ApiKeys": [ { "Id": "a", "Secret": "s", "Team": "b", "Limits": { "MaxConcurent": 1 } } ], "Logging": { "Level": "Loud", "Json": 7 } }""",
        "OrleansChat:ApiKeys:0:Limits:MaxConcurent", "OrleansChat:Logging:Json", "OrleansChat:ApiKeys:0:Team", "OrleansChat:Logging:Level")]
    public void Read_FaultsOfEveryKind_NamesThemAllAtOnce(string section, params string[] keys)
    {
        SettingsFolders.Write(_folders.Working, section);

        Assert.Equal(keys, OrleansChatSettings.Read(_folders.Places()).Faults.Select(fault => fault.Key));
    }

    [Theory]
    [InlineData("""{ "Upstrems": [ { "Id": "x", "BaseUrl": "http://x/v1" } ], "Models": [ { "Id": "m", "Route": [ "x/a" ] } ] }""")]
    [InlineData("""{ "Upstreams": [ { "Idd": "x", "BaseUrl": "http://x/v1" } ], "Models": [ { "Id": "m", "Route": [ "x/a" ] } ] }""")]
    [InlineData("""{ "Upstreams": [ { "Id": "x", "BaseUri": "http://x/v1" } ], "Models": [ { "Id": "m", "Route": [ "x/a" ] } ] }""")]
    [InlineData("""{ "Teams": { "Id": "b" }, "ApiKeys": [ { "Id": "a", "Secret": "s", "Team": "b" } ] }""")]
    [InlineData("""{ "Urls": "http://0.0.0.0:8080", "ApiKeyss": [ { "Id": "a", "Secret": "s" } ] }""")]
    public void Read_AFaultFromWhichOthersFollow_NamesItAlone(string section)
    {
        SettingsFolders.Write(_folders.Working, section);

        Assert.Single(OrleansChatSettings.Read(_folders.Places()).Faults);
    }

    [Fact]
    public void Read_AFaultInAFile_NamesTheFileAndTheValue()
    {
        SettingsFolders.Write(_folders.Working, """{ "Gateway": { "MaxJsonDepth": 1 } }""");
        var fault = Assert.Single(OrleansChatSettings.Read(_folders.Places()).Faults);
        Assert.Equal((_folders.Working, "1"), (fault.Source, fault.Value));
    }

    [Fact]
    public void Read_AFaultInAVariable_NamesTheVariable()
    {
        var environment = new Dictionary<string, string> { ["ORLEANSCHAT__URL"] = "http://127.0.0.1:1" };
        var fault = Assert.Single(OrleansChatSettings.Read(_folders.Places(environment)).Faults);
        Assert.Equal("the variable ORLEANSCHAT__URL", fault.Source);
        Assert.Contains("Did you mean 'Urls'?", fault.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_AFaultAboutASecret_DoesNotShowIt()
    {
        SettingsFolders.Write(
            _folders.Working,
            """
            { "ApiKeys": [ { "Id": "a", "Secret": "canary-1" }, { "Id": "b", "Secret": "canary-1" } ],
              "Upstreams": [ { "Id": "x", "BaseUrl": "http://user:canary-2@x/v1" } ] }
            """);

        var text = string.Join('\n', OrleansChatSettings.Read(_folders.Places()).Faults);

        Assert.Contains("***", text, StringComparison.Ordinal);
        Assert.DoesNotContain("canary", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{ "ApiKeys": [ { "Id": "a", "Secrett": "canary" } ] }""", "OrleansChat:ApiKeys:0:Secrett = '***'")]
    [InlineData("""{ "ApiKeys": [ { "Id": "a", "Key": "canary", "Secret": "s" } ] }""", "OrleansChat:ApiKeys:0:Key = '***'")]
    [InlineData("""{ "ApiKeys": [ "canary" ] }""", "OrleansChat:ApiKeys:0 = '***'")]
    [InlineData("""{ "ApiKeys": "canary" }""", "OrleansChat:ApiKeys = '***'")]
    [InlineData("""{ "Cluster": { "Password": "canary" } }""", "OrleansChat:Cluster:Password = '***'")]
    [InlineData("""{ "OpenAIKey": "canary" }""", "OrleansChat:OpenAIKey = '***'")]
    public void Read_ASecretInAPlaceThatIsNone_PrintsNoSecret(string settings, string named)
    {
        SettingsFolders.Write(_folders.Working, settings);
        var text = string.Join('\n', OrleansChatSettings.Read(_folders.Places()).Faults);
        Assert.Contains(named, text, StringComparison.Ordinal);
        Assert.DoesNotContain("canary", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{ \"OrleansChat\": ", "not well-formed JSON (line 1")]
    [InlineData("[]", "must hold a JSON object")]
    [InlineData("{ \"Orleans\": {} }", "not a known section")]
    [InlineData("", "not well-formed JSON")]
    public void Read_AFileThatIsWrongAsAWhole_SaysSo(string content, string text)
    {
        File.WriteAllText(_folders.Working, content);
        var fault = Assert.Single(OrleansChatSettings.Read(_folders.Places()).Faults);
        Assert.Contains(text, fault.ToString(), StringComparison.Ordinal);
        Assert.Contains(_folders.Working, fault.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://0.0.0.0:8080", true)]
    [InlineData("http://[::]:8080", true)]
    [InlineData("http://192.0.2.1:8080", true)]
    [InlineData("http://127.0.0.1:8080;http://*:81", true)]
    [InlineData("http://localhost:8080", false)]
    [InlineData("http://[::1]:0;http://127.0.0.2:1", false)]
    public void Read_WithoutKeys_RefusesAddressesThatOthersCanReach(string urls, bool refused)
    {
        var (_, faults) = OrleansChatSettings.Read(_folders.Places(arguments: $"--OrleansChat:Urls={urls}"));
        Assert.Equal(refused, faults.Count == 1);

        Assert.Empty(OrleansChatSettings.Read(
            _folders.Places(arguments: [$"--OrleansChat:Urls={urls}", "--OrleansChat:AllowAnonymous=true"])).Faults);
    }
}
