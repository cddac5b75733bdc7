using Microsoft.Extensions.Logging.Abstractions;
using OrleansChat.Core.Health;
using OrleansChat.Core.Settings.Live;
using OrleansChat.Core.Settings.Reading;
using OrleansChat.Testing;

namespace OrleansChat.Core.Tests.Settings.Live;

public sealed class SettingsWatchTests : IDisposable
{
    private const string Before = """
        { "Urls": "http://127.0.0.1:8080",
          "ApiKeys": [ { "Id": "a", "Secret": "canary-a", "Limits": { "RequestsPerMinute": 5 } } ],
          "Upstreams": [ { "Id": "x", "BaseUrl": "http://x/v1", "Limits": { "MaxConcurrent": 1 } } ],
          "Models": [ { "Id": "m", "Route": [ "x/m" ], "InputUsdPerMillion": 1 } ],
          "Flags": [ { "Id": "f" } ] }
        """;

    private readonly SettingsFolders _folders = new();
    private readonly FakeClock _clock = new();
    private readonly LiveSettings _live;
    private readonly SettingsWatch _watch;
    private int _told;

    public SettingsWatchTests()
    {
        SettingsFolders.Write(_folders.Working, Before);
        _live = new LiveSettings(OrleansChatSettings.Load(_folders.Places()));
        _live.OnChange((_, _) => _told++);
        _watch = new SettingsWatch(_folders.Places(), _live, _clock, NullLogger<SettingsWatch>.Instance);
    }

    public void Dispose()
    {
        _watch.Dispose();
        _folders.Dispose();
    }

    [Fact]
    public async Task Look_FilesAsTheyWere_ChangesNothing()
    {
        var before = _live.CurrentValue;
        _clock.Advance(SettingsWatch.Period * 3);
        Assert.Same(before, _live.CurrentValue);
        Assert.Equal(HealthFinding.Healthy, await _watch.CheckAsync(default));
    }

    [Fact]
    public async Task Look_ChangedKeysLimitsPricesRoutesFlagsAndLevels_PutsThemInForceAtOnce()
    {
        SettingsFolders.Write(_folders.Working, """
            { "Urls": "http://127.0.0.1:8080",
              "ApiKeys": [ { "Id": "a", "Secret": "canary-a", "Limits": { "RequestsPerMinute": 9 } }, { "Id": "b", "Secret": "canary-b" } ],
              "Upstreams": [ { "Id": "x", "BaseUrl": "http://x/v1", "Limits": { "MaxConcurrent": 7 } } ],
              "Models": [ { "Id": "m", "Route": [ "x/m", "builtin/extractive" ], "InputUsdPerMillion": 2 } ],
              "Flags": [ { "Id": "f", "On": true } ],
              "Logging": { "Level": "Debug" } }
            """);

        _clock.Advance(SettingsWatch.Period);

        var now = _live.CurrentValue;
        Assert.Equal((9, 2, 7), (now.ApiKeys[0].Limits.RequestsPerMinute, now.ApiKeys.Count, now.Upstreams[0].Limits.MaxConcurrent));
        Assert.Equal((2, 2m, true, "Debug"), (now.Models[0].Route.Count, now.Models[0].InputUsdPerMillion, now.Flags[0].On, now.Logging.Level));
        Assert.Equal(1, _told);
        Assert.Equal(HealthStatus.Healthy, (await _watch.CheckAsync(default)).Status);
    }

    [Theory]
    [InlineData("""{ "ApiKeys": [ { "Id": "b", "Secret": "canary-b" } ], "Models": [ { "Id": "m", "Route": [] } ] }""")]
    [InlineData("""{ "ApiKeys": [ { "Id": "b", "Secret": "env:NO_SUCH_VARIABLE_OF_RELOADS" } ] }""")]
    [InlineData("""{ "ApiKeys": [ { "Id": "b" """)]
    public async Task Look_AFileAtFault_LeavesEverythingAndSaysSo(string section)
    {
        var before = _live.CurrentValue;
        SettingsFolders.Write(_folders.Working, section);

        _clock.Advance(SettingsWatch.Period);

        Assert.Same(before, _live.CurrentValue);
        Assert.Equal(0, _told);
        var finding = await _watch.CheckAsync(default);
        Assert.Equal(HealthStatus.Degraded, finding.Status);
        Assert.DoesNotContain("canary", finding.Detail, StringComparison.Ordinal);

        SettingsFolders.Write(_folders.Working, Before);
        _clock.Advance(SettingsWatch.Period);
        Assert.Equal(HealthStatus.Healthy, (await _watch.CheckAsync(default)).Status);
    }

    [Fact]
    public async Task Look_WhatNeedsARestart_WaitsForItAndTheRestIsInForce()
    {
        SettingsFolders.Write(_folders.Working, Before.Replace("8080", "9090", StringComparison.Ordinal).Replace("\"RequestsPerMinute\": 5", "\"RequestsPerMinute\": 6", StringComparison.Ordinal));

        _clock.Advance(SettingsWatch.Period);

        Assert.Equal(("http://127.0.0.1:8080", 6), (_live.CurrentValue.Urls, _live.CurrentValue.ApiKeys[0].Limits.RequestsPerMinute));
        Assert.Contains("Urls", (await _watch.CheckAsync(default)).Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Look_ARouteToAnUpstreamThatOnlyARestartBrings_IsAFault()
    {
        SettingsFolders.Write(_folders.Working, """
            { "ApiKeys": [ { "Id": "a", "Secret": "canary-a" } ],
              "Upstreams": [ { "Id": "y", "BaseUrl": "http://y/v1" } ], "Models": [ { "Id": "m", "Route": [ "y/m" ] } ] }
            """);

        _clock.Advance(SettingsWatch.Period);

        Assert.Equal(["x/m"], _live.CurrentValue.Models[0].Route);
        Assert.Contains("'y'", (await _watch.CheckAsync(default)).Detail, StringComparison.Ordinal);
    }
}
