using OrleansChat.Core.Settings.Reading;
using OrleansChat.Core.Settings.Showing;

namespace OrleansChat.Core.Tests.Settings.Showing;

public sealed class SettingsCommandTests : IDisposable
{
    private readonly SettingsFolders _folders = new();

    public void Dispose() => _folders.Dispose();

    [Fact]
    public void Show_NamesEveryValueWithItsSourceAndMasksSecrets()
    {
        SettingsFolders.Write(_folders.Working, """
            { "ApiKeys": [ { "Id": "a", "Secret": "canary-1" } ], "Cluster": { "Redis": "127.0.0.1:6379,password=canary-2" },
              "Upstreams": [ { "Id": "x", "BaseUrl": "http://x/v1", "ApiKey": "canary-3" } ], "Telemetry": { "OtlpHeadersSecret": "a=canary-4" },
              "Flags": [ { "Id": "f", "Percent": 12.5 } ], "BudgetAlerts": { "Webhook": "http://hooks/canary-6?token=canary-7", "Secret": "canary-5" },
              "Org": { "Budget": { "Usd": 5, "Thresholds": [ 50 ], "FreeTokens": { "default": 1000 } } } }
            """);
        var environment = new Dictionary<string, string> { ["ORLEANSCHAT__GATEWAY__MAXJSONDEPTH"] = "20" };

        var (code, output, errors) = Run("show", _folders.Places(environment, "--OrleansChat:DataDirectory=d"));

        Assert.Equal((0, ""), (code, errors));
        Assert.DoesNotContain("canary", output, StringComparison.Ordinal);
        string[] expected =
        [
            "OrleansChat:Urls = http://127.0.0.1:8080  (the default)",
            "OrleansChat:DataDirectory = d  (the command line)",
            "OrleansChat:Gateway:MaxJsonDepth = 20  (the variable ORLEANSCHAT__GATEWAY__MAXJSONDEPTH)",
            $"OrleansChat:ApiKeys:0:Id = a  ({_folders.Working})",
            $"OrleansChat:ApiKeys:0:Secret = ***  ({_folders.Working})",
            $"OrleansChat:Upstreams:0:ApiKey = ***  ({_folders.Working})",
            "OrleansChat:Upstreams:0:Timeout = 00:01:00  (the default)",
            $"OrleansChat:Flags:0:Percent = 12.5  ({_folders.Working})",
            $"OrleansChat:BudgetAlerts:Webhook = http://hooks/***  ({_folders.Working})",
            $"OrleansChat:BudgetAlerts:Secret = ***  ({_folders.Working})",
            $"OrleansChat:Org:Budget:Thresholds:0 = 50  ({_folders.Working})",
            $"OrleansChat:Org:Budget:FreeTokens:default = 1000  ({_folders.Working})",
            "OrleansChat:Teams = []  (the default)",
        ];
        Assert.All(expected, line => Assert.Contains(line, output.Split(Environment.NewLine)));
    }

    [Fact]
    public void Validate_SeveralFaults_NamesAllAndFails()
    {
        SettingsFolders.Write(_folders.Working, """{ "Ulrs": 1, "DataDirectory": 2 }""");
        var (code, _, errors) = Run("validate", _folders.Places());
        Assert.Equal((1, 2), (code, errors.Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries).Length));
    }

    [Fact]
    public void Validate_WithoutFault_SaysSo() => Assert.Equal(0, Run("validate", _folders.Places()).Code);

    [Fact]
    public void Precedence_NamesEveryPlaceHighestFirst()
    {
        SettingsFolders.Write(_folders.Home, "{}");
        var environment = new Dictionary<string, string> { ["ORLEANSCHAT__URLS"] = "x", ["PATH"] = "y" };

        var lines = Run("precedence", _folders.Places(environment, "--OrleansChat:Urls=secret")).Output.Split(Environment.NewLine);

        Assert.Equal("1. the command line: --OrleansChat:Urls", lines[0]);
        Assert.Equal("2. the environment: ORLEANSCHAT__URLS", lines[1]);
        Assert.Equal($"3. {_folders.Working}: not there", lines[2]);
        Assert.Equal($"5. {_folders.Home}: read", lines[4]);
        Assert.Equal("7. the defaults", lines[6]);
    }

    [Fact]
    public void AnotherVerb_IsRefused() => Assert.Equal(1, Run("shwo", _folders.Places()).Code);

    private static (int Code, string Output, string Errors) Run(string verb, SettingsPlaces places)
    {
        using var output = new StringWriter();
        using var errors = new StringWriter();
        var code = SettingsCommand.Run(verb, places, output, errors);
        return (code, output.ToString(), errors.ToString());
    }
}
