using System.Net;
using Microsoft.Extensions.DependencyInjection;
using OrleansChat.Core.Admission;
using OrleansChat.Core.RateLimiting;
using OrleansChat.Core.Upstreams;
using OrleansChat.GatewayApi.Tests.Hosting;
using OrleansChat.Testing;

namespace OrleansChat.GatewayApi.Tests.Completions;

/// <summary>Who waits until a call's entries are on the disk: nobody whose scopes have heard of them already, except who keeps the answer.</summary>
public sealed class SettlementTests
{
    private readonly SlowBooks _books = new();

    [Fact]
    public async Task Settlement_OfWhichAllScopesHaveHeard_HoldsNoFurtherRequestOfItsConnection()
    {
        await using var upstream = await ScriptedUpstream.StartAsync();
        await using var host = await StartAsync(upstream, hearsAtOnce: true);
        using var client = OneConnectionTo(host);

        Assert.Equal(HttpStatusCode.OK, await AskAsync(client));
        Assert.Equal(HttpStatusCode.OK, await AskAsync(client));

        Assert.Equal((2, false), (_books.Admitted, _books.Booked.Task.IsCompleted));
        _books.Booked.SetResult(0);
    }

    [Fact]
    public async Task Settlement_ThatIsOnItsWayToTheScopes_HoldsTheNextRequestOfItsConnection()
    {
        await using var upstream = await ScriptedUpstream.StartAsync();
        await using var host = await StartAsync(upstream, hearsAtOnce: false);
        using var client = OneConnectionTo(host);

        Assert.Equal(HttpStatusCode.OK, await AskAsync(client));
        var second = AskAsync(client);
        await _books.Asked.Task;
        _books.Booked.SetResult(0);

        Assert.Equal(HttpStatusCode.OK, await second);
        Assert.False(_books.AdmittedBeforeBooked);
    }

    [Fact]
    public async Task Answer_ThatIsKeptForARepeat_IsKeptWhenItIsBooked()
    {
        await using var upstream = await ScriptedUpstream.StartAsync();
        await using var host = await StartAsync(upstream, hearsAtOnce: true);
        using var client = OneConnectionTo(host);

        Assert.Equal(HttpStatusCode.OK, await AskAsync(client, "once"));
        var next = AskAsync(client);
        await _books.Asked.Task;
        _books.Booked.SetResult(0);

        Assert.Equal(HttpStatusCode.OK, await next);
        Assert.False(_books.AdmittedBeforeBooked);
    }

    private async Task<GatewayHost> StartAsync(ScriptedUpstream upstream, bool hearsAtOnce)
    {
        _books.HearsAtOnce = hearsAtOnce;
        upstream.Enqueue(Reply.Text("Hi"));
        upstream.Enqueue(Reply.Text("Hi again"));
        return await GatewayHost.StartAsync(GatewayHost.With(upstream.BaseUrl), services => services.AddSingleton<IAdmission>(_books));
    }

    private static HttpClient OneConnectionTo(GatewayHost host) =>
        new(new SocketsHttpHandler { MaxConnectionsPerServer = 1 }) { BaseAddress = host.Address };

    private static async Task<HttpStatusCode> AskAsync(HttpClient client, string? idempotencyKey = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions")
        {
            Content = GatewayHost.Json("""{"model":"default","messages":[{"role":"user","content":"Hi"}]}"""),
        };
        if (idempotencyKey is not null)
            request.Headers.Add("Idempotency-Key", idempotencyKey);

        using var answer = await client.SendAsync(request);
        return answer.StatusCode;
    }

    /// <summary>Admits everybody, and books when it is told to.</summary>
    private sealed class SlowBooks : IAdmission
    {
        public bool HearsAtOnce { get; set; }

        public int Admitted { get; private set; }

        public bool AdmittedBeforeBooked { get; private set; }

        public TaskCompletionSource Asked { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource<long> Booked { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public ValueTask<AdmissionDecision> AdmitAsync(AdmissionRequest request, CancellationToken cancellationToken)
        {
            AdmittedBeforeBooked |= Admitted++ > 0 && !Booked.Task.IsCompleted;
            return new(new AdmissionDecision { Grant = new AdmissionGrant(request, 0), KeyStatus = new RateLimitStatus() });
        }

        public async ValueTask<long> SettleAsync(AdmissionGrant grant, TokenUsage usage, UpstreamTarget target, CancellationToken cancellationToken)
        {
            Asked.TrySetResult();
            return await Booked.Task.WaitAsync(cancellationToken);
        }

        public ValueTask ChargeLostAsync(AdmissionGrant lost, DateTimeOffset since, CancellationToken cancellationToken) => default;

        public ValueTask ReleaseAsync(AdmissionGrant grant, CancellationToken cancellationToken) => default;

        public ValueTask RenewAsync(AdmissionGrant grant, CancellationToken cancellationToken) => default;
    }
}
