using System.Net;
using Microsoft.Extensions.DependencyInjection;
using OrleansChat.Core.Admission;
using OrleansChat.Core.Errors;
using OrleansChat.Core.RateLimiting;
using OrleansChat.Core.Settings;
using OrleansChat.Core.Upstreams;
using OrleansChat.GatewayApi.Tests.Hosting;
using OrleansChat.Testing;

namespace OrleansChat.GatewayApi.Tests.Health;

/// <summary>What a caller and an operator see while limits and budgets cannot be counted.</summary>
public sealed class UsageStoreTests
{
    private readonly Counting _counting = new() { IsLost = true };

    [Fact]
    public async Task WithoutStore_ByDefault_NothingIsLetThrough_UntilItIsBack()
    {
        await using var upstream = await ScriptedUpstream.StartAsync();
        await using var host = await StartAsync(upstream, UncountedUse.Deny);

        using var refused = await AskAsync(host);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
        Assert.NotNull(refused.Headers.RetryAfter);
        Assert.Equal("usage-store-to-deny", refused.Headers.GetValues("x-orleanschat-fallback").Single());
        using var turn = await host.Client.PostAsync("/chat", GatewayHost.Json("""{"api_version":"v1","message":"Hi","session_id":"s"}"""));
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "usage-store-to-deny"), (turn.StatusCode, turn.Headers.GetValues("x-orleanschat-fallback").Single()));
        Assert.Empty(upstream.Requests);
        await AssertFallbackAsync(host, "usage-store-to-deny (StorageException)");

        _counting.IsLost = false;
        upstream.Enqueue(Reply.Text("Hi"));
        using var answered = await AskAsync(host);
        Assert.Equal((HttpStatusCode.OK, false), (answered.StatusCode, answered.Headers.Contains("x-orleanschat-fallback")));
        await AssertFallbackAsync(host, null);
    }

    [Fact]
    public async Task WithoutStore_WhereTheSettingsAllowIt_CallsPassUncountedAndSaySo_UntilItIsBack()
    {
        await using var upstream = await ScriptedUpstream.StartAsync();
        await using var host = await StartAsync(upstream, UncountedUse.Allow);

        upstream.Enqueue(Reply.Text("Hi"));
        using var uncounted = await AskAsync(host);
        Assert.Equal((HttpStatusCode.OK, "usage-store-to-allow"), (uncounted.StatusCode, uncounted.Headers.GetValues("x-orleanschat-fallback").Single()));
        await AssertFallbackAsync(host, "usage-store-to-allow (StorageException)");
        upstream.Enqueue(Reply.Text("Hi"));
        using var turn = await host.Client.PostAsync("/chat", GatewayHost.Json("""{"api_version":"v2","message":"Hi","session_id":"s"}"""));
        Assert.Equal((HttpStatusCode.OK, "usage-store-to-allow"), (turn.StatusCode, turn.Headers.GetValues("x-orleanschat-fallback").Single()));
        Assert.Contains("\"fallbacks\":[\"usage-store-to-allow\"]", await turn.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        var metrics = await host.Client.GetStringAsync("/metrics");
        Assert.Contains("""orleanschat_fallbacks_active{fallback="usage-store-to-allow"} 1""", metrics, StringComparison.Ordinal);

        _counting.IsLost = false;
        upstream.Enqueue(Reply.Text("Hi"));
        using var counted = await AskAsync(host);
        Assert.Equal((HttpStatusCode.OK, false), (counted.StatusCode, counted.Headers.Contains("x-orleanschat-fallback")));
        await AssertFallbackAsync(host, null);
    }

    [Fact]
    public async Task Refusals_AreNoLoss_UnderEither()
    {
        await using var upstream = await ScriptedUpstream.StartAsync();
        _counting.IsLost = false;
        _counting.Refusal = Problem.Of(ProblemCode.RateLimited, "Too many.");
        await using var host = await StartAsync(upstream, UncountedUse.Allow);
        using var refused = await AskAsync(host);
        Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
        await AssertFallbackAsync(host, null);
    }

    private Task<GatewayHost> StartAsync(ScriptedUpstream upstream, UncountedUse policy) => GatewayHost.StartAsync(
        GatewayHost.With(upstream.BaseUrl) with { Admission = new AdmissionOptions { WithoutStore = policy } },
        services => services.AddSingleton<IAdmission>(_counting));

    private static Task<HttpResponseMessage> AskAsync(GatewayHost host) =>
        host.Client.PostAsync("/v1/chat/completions", GatewayHost.Json("""{"model":"default","messages":[{"role":"user","content":"Hi"}]}"""));

    // The answer is that of the last look, which is at most a second old.
    private static async Task AssertFallbackAsync(GatewayHost host, string? expected)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var component = (await host.GetAsync("/health")).GetProperty("components").GetProperty("fallbacks");
            var detail = component.TryGetProperty("detail", out var text) ? text.GetString() : null;
            if (expected is null ? detail is null : detail?.Contains(expected, StringComparison.Ordinal) is true)
                return;
            Assert.True(TimeProvider.System.GetElapsedTime(began) < TimeSpan.FromSeconds(30), component.GetRawText());
        }
    }

    private sealed class Counting : IAdmission
    {
        public bool IsLost { get; set; }

        public Problem? Refusal { get; set; }

        public ValueTask<AdmissionDecision> AdmitAsync(AdmissionRequest request, CancellationToken cancellationToken) => IsLost
            ? throw new StorageException("The store is lost.")
            : new(new AdmissionDecision { Grant = Refusal is null ? new AdmissionGrant(request, 0) : null, Refusal = Refusal, KeyStatus = new RateLimitStatus() });

        public ValueTask<long> SettleAsync(AdmissionGrant grant, TokenUsage usage, UpstreamTarget target, CancellationToken cancellationToken) =>
            IsLost ? throw new StorageException("The store is lost.") : new(0L);

        public ValueTask ChargeLostAsync(AdmissionGrant lost, DateTimeOffset since, CancellationToken cancellationToken) => default;

        public ValueTask ReleaseAsync(AdmissionGrant grant, CancellationToken cancellationToken) => default;

        public ValueTask RenewAsync(AdmissionGrant grant, CancellationToken cancellationToken) => default;
    }
}
