using System.Net.Http.Json;
using Microsoft.Extensions.DependencyInjection;
using OrleansChat.Core.Caching;
using OrleansChat.Core.Errors;
using OrleansChat.Core.Search.Metering;
using OrleansChat.Core.Settings;
using OrleansChat.Core.Turns;
using OrleansChat.Standalone.State;
using OrleansChat.Testing;

namespace OrleansChat.Standalone.Tests.Chaos;

/// <summary>Fallbacks that no outside dependency leads to: entered and left by evidence, seen in answers, metrics and health.</summary>
public sealed class FallbackTests
{
    private bool _isBroken;

    // What the newest answer named.
    private string? _told;

    [Fact]
    public async Task Retrieval_ThatFails_LeavesTurnsWithoutPassagesUntilItWorks()
    {
        await using var host = await ChaosHost.StartAsync(new OrleansChatOptions(), services =>
        {
            var inner = services.Last(service => service.ServiceType == typeof(IRetriever));
            services.AddSingleton<IRetriever>(provider => new BreakableRetriever((IRetriever)Make(provider, inner), () => _isBroken));
        });
        (await host.Client.PutAsJsonAsync("/api/collections/docs", new { })).Dispose();
        await host.PostAsync("/api/collections/docs/documents", new { documents = new[] { new { id = "d", text = "The quick fox jumps over the lazy dog." } } });
        Assert.True(await CitationsAsync(host) > 0);
        await UntilAsync(host, "retrieval-to-none", "healthy", 0);

        Assert.Equal("", await FallbackOfCallAsync(host));
        Assert.Null(_told);

        _isBroken = true;
        Assert.Equal(0, await CitationsAsync(host));
        Assert.Equal("retrieval-to-none", _told);
        Assert.Equal("retrieval-to-none", await FallbackOfCallAsync(host));
        await UntilAsync(host, "retrieval-to-none", "degraded", 1);

        _isBroken = false;
        Assert.True(await CitationsAsync(host) > 0);
        Assert.Null(_told);
        Assert.Equal("", await FallbackOfCallAsync(host));
        await UntilAsync(host, "retrieval-to-none", "healthy", 0);
        Assert.Equal(1, (await host.MetricsAsync()).Sum("orleanschat_fallbacks_entered_total", ("fallback", "retrieval-to-none")));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task AnswerCache_ThatFails_HasAnswersMadeAnewUntilItWorks(bool isReadable)
    {
        await using var upstream = await ScriptedUpstream.StartAsync();
        var options = new OrleansChatOptions
        {
            Upstreams = [new UpstreamOptions { Id = "scripted", BaseUrl = upstream.BaseUrl }],
            Models = [new ModelOptions { Id = "default", Route = ["scripted/m"], Cache = CacheScope.Key }],
        };
        await using var host = await ChaosHost.StartAsync(options, services =>
        {
            var inner = services.Last(service => service.ServiceType == typeof(IStateStore));
            services.AddSingleton<IStateStore>(provider => new BreakableStore((IStateStore)Make(provider, inner), key => _isBroken && key.Contains("response-cache", StringComparison.Ordinal), isReadable));
        });
        if (isReadable)
            Assert.Equal("miss", await AskAsync(host, "before"));
        _isBroken = true;
        Assert.Equal("miss", await AskAsync(host, "Hi"));
        Assert.Equal("miss", await AskAsync(host, "Hi"));
        Assert.Equal("answer-cache-to-direct", _told);
        await UntilAsync(host, "answer-cache-to-direct", "degraded", 1);

        _isBroken = false;
        await TestWait.UntilAsync(async () => await AskAsync(host, "Hi") == "hit");
        Assert.Equal("", _told);
        await UntilAsync(host, "answer-cache-to-direct", "healthy", 0);
    }

    private static object Make(IServiceProvider provider, ServiceDescriptor service) =>
        service.ImplementationFactory?.Invoke(provider) ?? ActivatorUtilities.CreateInstance(provider, service.ImplementationType!);

    private async Task<int> CitationsAsync(ChaosHost host)
    {
        var session = (await host.PostAsync("/api/sessions", new { })).GetProperty("id").GetString();
        var turn = await host.PostAsync($"/api/sessions/{session}/turns", new { message = "What does the quick fox jump over?" });
        Assert.Equal("completed", turn.GetProperty("status").GetString());
        _told = turn.TryGetProperty("fallbacks", out var fallbacks) ? fallbacks.EnumerateArray().Single().GetString() : null;
        return turn.GetProperty("message").TryGetProperty("citations", out var citations) ? citations.GetArrayLength() : 0;
    }

    private async Task<string> AskAsync(ChaosHost host, string question)
    {
        using var answer = await host.Client.PostAsJsonAsync("/v1/chat/completions", new { model = "default", messages = new[] { new { role = "user", content = question } } });
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
        _told = FallbackOf(answer);
        return answer.Headers.GetValues("x-orleanschat-cache").Single();
    }

    private static async Task<string> FallbackOfCallAsync(ChaosHost host)
    {
        using var answer = await host.Client.PostAsJsonAsync(
            "/v1/chat/completions", new { model = "default", messages = new[] { new { role = "user", content = "What does the quick fox jump over?" } } });
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
        return FallbackOf(answer);
    }

    private static string FallbackOf(HttpResponseMessage answer) =>
        answer.Headers.TryGetValues("x-orleanschat-fallback", out var names) ? string.Join(',', names) : "";

    private static Task UntilAsync(ChaosHost host, string fallback, string status, double active) => TestWait.UntilAsync(async () =>
        (await host.StatusOfAsync("fallbacks"), (await host.MetricsAsync()).Sum("orleanschat_fallbacks_active", ("fallback", fallback))) == (status, active));

    private sealed class BreakableRetriever(IRetriever inner, Func<bool> isBroken) : IRetriever
    {
        public ValueTask<bool> HasSourcesAsync(IReadOnlyList<string>? collections, CancellationToken cancellationToken) =>
            inner.HasSourcesAsync(collections, cancellationToken);

        public ValueTask<Retrieval> RetrieveAsync(
            string query, IReadOnlyList<string>? collections, int limit, SearchPayer payer, CancellationToken cancellationToken) =>
            isBroken() ? throw new StorageException("The index is broken.", new IOException("Broken.")) : inner.RetrieveAsync(query, collections, limit, payer, cancellationToken);
    }

    private sealed class BreakableStore(IStateStore inner, Func<string, bool> isBroken, bool isReadable) : IStateStore
    {
        public ValueTask<StoredState?> ReadAsync(string key, CancellationToken cancellationToken) =>
            !isReadable && isBroken(key) ? throw Broken() : inner.ReadAsync(key, cancellationToken);

        public ValueTask<long> WriteAsync(string key, ReadOnlyMemory<byte> value, long expectedVersion, CancellationToken cancellationToken) =>
            isBroken(key) ? throw Broken() : inner.WriteAsync(key, value, expectedVersion, cancellationToken);

        public ValueTask DeleteAsync(string key, long expectedVersion, CancellationToken cancellationToken) => inner.DeleteAsync(key, expectedVersion, cancellationToken);

        private static StorageException Broken() => new("The cache's states are broken.", new IOException("Broken."));
    }
}
