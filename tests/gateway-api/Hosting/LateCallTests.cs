using Microsoft.Extensions.DependencyInjection;
using OrleansChat.Core.Actors;
using OrleansChat.Core.RateLimiting;

namespace OrleansChat.GatewayApi.Tests.Hosting;

public sealed class LateCallTests
{
    [Fact]
    public async Task CallOfAnActor_AfterTheEndOfTheHost_FailsForTheCallerAndIsNoFault()
    {
        var host = await GatewayHost.StartAsync();
        var actors = host.Services.GetRequiredService<IActorDirectory>();
        await host.DisposeAsync();

        await Assert.ThrowsAsync<ObjectDisposedException>(() => actors.RateLimiter("late").DescribeAsync(RateLimits.None, default).AsTask());
        Assert.Empty(host.Faults.All);
    }
}
