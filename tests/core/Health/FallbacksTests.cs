using OrleansChat.Core.Health;

namespace OrleansChat.Core.Tests.Health;

public sealed class FallbacksTests
{
    [Fact]
    public async Task AFallback_IsSeenFromItsFailureToTheNextSuccess()
    {
        var fallbacks = new Fallbacks();
        Assert.Equal(HealthFinding.Healthy, await fallbacks.CheckAsync(default));

        fallbacks.Enter(Fallbacks.DenseSearch, "upstream_timeout");
        fallbacks.Enter(Fallbacks.DenseSearch, "upstream_error");
        var finding = await fallbacks.CheckAsync(default);
        Assert.Equal((HealthStatus.Degraded, "In use: dense-search-to-lexical (upstream_timeout)."), (finding.Status, finding.Detail));

        fallbacks.Leave(Fallbacks.DenseSearch);
        Assert.Equal(HealthFinding.Healthy, await fallbacks.CheckAsync(default));
    }
}
