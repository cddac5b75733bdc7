using System.Collections;
using OrleansChat.Core.Settings;

namespace OrleansChat.Core.Tests.Settings;

public sealed class SecretPrintingTests
{
    private const string Canary = "canary-91c";

    [Fact]
    public void Settings_ThatSomebodyPrints_HoldNoSecret()
    {
        var options = new OrleansChatOptions
        {
            ApiKeys = [new ApiKeyOptions { Id = "a", Secret = Canary }],
            Upstreams = [new UpstreamOptions { Id = "b", ApiKey = Canary }],
            Qdrant = new QdrantOptions { ApiKey = Canary },
            BudgetAlerts = new BudgetAlertOptions { Secret = Canary },
            Telemetry = new TelemetryOptions { OtlpHeadersSecret = Canary },
            Cluster = new ClusterOptions { Redis = $"redis:6379,password={Canary}" },
        };

        var printed = typeof(OrleansChatOptions).GetProperties().Where(property => property.GetMethod is { IsStatic: false }).SelectMany(property => property.GetValue(options) switch
        {
            string text => [text],
            IEnumerable many => many.Cast<object>().Select(one => $"{one}"),
            var one => [$"{one}"],
        }).Append($"{options}").ToList();

        Assert.Contains("key a", printed);
        Assert.DoesNotContain(printed, text => text.Contains(Canary, StringComparison.Ordinal));
    }
}
