using Microsoft.Extensions.DependencyInjection;
using OrleansChat.Core.Settings;
using OrleansChat.GatewayApi.Tests.Hosting;
using OrleansChat.GatewayApi.Tests.OpenApi;
using OrleansChat.Testing;

namespace OrleansChat.GatewayApi.Tests.Tenancy;

/// <summary>Every route that is mapped, asked by every kind of caller: each gets what <see cref="RouteRules"/> declares, and no more.</summary>
public sealed class RouteMatrixTests : IAsyncLifetime
{
    private readonly FakeClock _clock = new();
    private readonly List<string> _faults = [];
    private GatewayHost _host = null!;
    private MatrixRequests _requests = null!;
    private OwnedThing _standing = null!;

    public async Task InitializeAsync()
    {
        var spare = new UpstreamOptions { Id = "spare", BaseUrl = "http://127.0.0.1:9/v1" };
        _host = await GatewayHost.StartAsync(Callers.Settings with { Upstreams = [spare] }, services => services.AddSingleton<TimeProvider>(_clock));
        var callers = await Callers.InviteAsync(_host, _clock);
        await callers.OrderAsync(HttpMethod.Put, "/api/collections/docs", new { });
        await callers.OrderAsync(
            HttpMethod.Post, "/api/collections/docs/documents", new { documents = new[] { new { id = "a", text = "An actor owns contended state." } } });
        _requests = new MatrixRequests(_host, callers);
        _standing = await _requests.MakeAsync(isShared: false);
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public void EveryRoute_HasADeclaredAudience() =>
        Assert.Equal(MappedRoutes.Of(_host).Select(route => route.Key).Order(StringComparer.Ordinal), RouteRules.All.Keys.Order(StringComparer.Ordinal));

    [Fact]
    public async Task EveryRoute_AnswersEveryCallerAsDeclared()
    {
        foreach (var (route, rule) in RouteRules.All)
        {
            await RefuseAllOthersAsync(route, rule);
            foreach (var who in Enum.GetValues<Who>().Where(who => IsServed(rule, who, isShared: false)))
                await CheckAsync(route, rule, who, await TargetAsync(route, isShared: false), isShared: false);
            if (rule.IsOfAThing)
                await CheckAsync(route, rule, Who.Teammate, await TargetAsync(route, isShared: true), isShared: true);
        }

        Assert.True(_faults.Count == 0, string.Join('\n', _faults));
    }

    /// <summary>Whoever is not served changes nothing, and learns nothing of a thing of others: not even that it is there.</summary>
    private async Task RefuseAllOthersAsync(string route, RouteRule rule)
    {
        var thing = _standing;
        var before = rule.IsOfAThing ? await _requests.LookAsync(thing) : "";
        foreach (var who in Enum.GetValues<Who>().Where(who => !IsServed(rule, who, isShared: false)))
        {
            var answer = await CheckAsync(route, rule, who, thing, isShared: false);
            if (!rule.IsOfAThing || IsNewWhereAbsent(route))
                continue;

            var absent = await _requests.SendAsync(route, who, OwnedThing.Absent);
            if (answer.WithoutIds(thing.Ids) != absent.WithoutIds(OwnedThing.Absent.Ids))
                _faults.Add($"{route} by {who} tells what is another's from what is not there: {answer}, but {absent}");
        }

        if (rule.IsOfAThing && await _requests.LookAsync(thing) != before)
            _faults.Add($"{route} lets somebody change what is another's");
    }

    private async Task<Answer> CheckAsync(string route, RouteRule rule, Who who, OwnedThing thing, bool isShared)
    {
        var answer = await _requests.SendAsync(route, who, thing);
        if (answer.Status != rule.For(who, isShared))
            _faults.Add($"{route} by {who} (shared: {isShared}): {rule.For(who, isShared)} is declared, but it is {answer}");
        var maySee = isShared || who is Who.Owner or Who.OwnerByOldSecret or Who.Admin;
        var told = rule.IsOfAThing ? [OwnedThing.Marker] : _standing.Ids.Append(OwnedThing.Marker);
        if (!maySee && told.Any(text => answer.Text.Contains(text, StringComparison.Ordinal)))
            _faults.Add($"{route} by {who} shows what is another's: {answer}");
        return answer;
    }

    /// <summary>What is asked for: a new one where it may be changed by it.</summary>
    private async Task<OwnedThing> TargetAsync(string route, bool isShared) =>
        RouteRules.All[route].IsOfAThing ? await _requests.MakeForAsync(route, isShared) : OwnedThing.Absent;

    private static bool IsServed(RouteRule rule, Who who, bool isShared) => rule.For(who, isShared) == rule.Served;

    // By contract these make the session that they name, so what is another's can only look as though it could not be had.
    private static bool IsNewWhereAbsent(string route) => route is "POST /chat" or "GET /chat/ws/{clientId}/{sessionId}";
}
