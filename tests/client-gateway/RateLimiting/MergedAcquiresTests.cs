using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using OrleansChat.ClientGateway.Tests.Hosting;
using OrleansChat.Core.Actors;
using OrleansChat.Core.RateLimiting;
using OrleansChat.GrainInterfaces.Directory;
using OrleansChat.GrainInterfaces.RateLimiting;

namespace OrleansChat.ClientGateway.Tests.RateLimiting;

/// <summary>One hot key asked by the clients of two gateways, over the wire of a silo.</summary>
public sealed class MergedAcquiresTests
{
    private const int Limit = 777;
    private const int PerClient = 2_000;

    [Fact]
    public async Task AcquiresOfOneKey_FromTwoClients_ShareCallsAndAdmitExactlyTheLimit()
    {
        await using var cluster = new LocalCluster();
        cluster.StartGateway();
        cluster.StartSilo();
        await cluster.WaitForAsync("/ready", HttpStatusCode.OK);
        var counts = new CallCount();
        using var one = await StartClientAsync(cluster, counts);
        using var other = await StartClientAsync(cluster, counts);

        var decisions = await Task.WhenAll(new[] { one, other }.SelectMany((client, number) => Enumerable.Range(0, PerClient)
            .Select(request => Task.Run(() => AcquireAsync(client, $"{number}/{request}")))));

        Assert.Equal(Limit, decisions.Count(decision => decision.Admitted));
        Assert.All(decisions.Where(decision => !decision.Admitted), decision => Assert.Equal("requestsPerDay", decision.Limit));
        Assert.InRange(counts.Value, 2, PerClient);
        await Task.WhenAll(one.StopAsync(), other.StopAsync());
    }

    private static async Task<RateLimitDecision> AcquireAsync(IHost client, string operation) =>
        await client.Services.GetRequiredService<IActorDirectory>().RateLimiter("key:hot").AcquireAsync(
            new RateLimitRequest { OperationId = operation, Limits = new RateLimits { RequestsPerDay = Limit }, Tokens = 100 }, default);

    private static async Task<IHost> StartClientAsync(LocalCluster cluster, CallCount counts)
    {
        var host = new HostBuilder()
            .UseOrleansClient(client => client.AddOrleansChatClient().AddOutgoingGrainCallFilter(counts)
                .UseLocalhostClustering(cluster.GatewayPort, "orleanschat", "orleanschat"))
            .Build();
        await host.StartAsync();
        return host;
    }

    private sealed class CallCount : IOutgoingGrainCallFilter
    {
        private int _value;

        public int Value => Volatile.Read(ref _value);

        public Task Invoke(IOutgoingGrainCallContext context)
        {
            if (context.InterfaceMethod.DeclaringType == typeof(IRateLimiterGrain))
                Interlocked.Increment(ref _value);

            return context.Invoke();
        }
    }
}
