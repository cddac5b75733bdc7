using OrleansChat.Core.Settings;
using OrleansChat.GatewayApi.Tests.OpenApi;

namespace OrleansChat.GatewayApi.Tests.Tenancy;

/// <summary>Every route that is mapped, asked by every kind of caller: each gets what <see cref="RouteRules"/> declares, and no more.</summary>
public sealed class RouteMatrixTests : MatrixTests
{
    private readonly List<string> _faults = [];
    private OwnedThing _standing = null!;

    private protected override OrleansChatOptions Settings => Callers.Settings with { Upstreams = [new UpstreamOptions { Id = "spare", BaseUrl = "http://127.0.0.1:9/v1" }] };

    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        await Invited.OrderAsync(HttpMethod.Put, "/api/collections/docs", new { });
        await Invited.OrderAsync(
            HttpMethod.Post, "/api/collections/docs/documents", new { documents = new[] { new { id = "a", text = "An actor owns contended state." } } });
        _standing = await Requests.MakeAsync(isShared: false);
    }

    [Fact]
    public void EveryRoute_HasADeclaredAudience() =>
        Assert.Equal(MappedRoutes.Of(Host).Select(route => route.Key).Order(StringComparer.Ordinal), RouteRules.All.Keys.Order(StringComparer.Ordinal));

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
        var before = rule.IsOfAThing ? await Requests.LookAsync(thing) : "";
        foreach (var who in Enum.GetValues<Who>().Where(who => !IsServed(rule, who, isShared: false)))
        {
            var answer = await CheckAsync(route, rule, who, thing, isShared: false);
            if (!rule.IsOfAThing || IsNewWhereAbsent(route))
                continue;

            var absent = await Requests.SendAsync(route, who, OwnedThing.Absent);
            if (answer.WithoutIds(thing.Ids) != absent.WithoutIds(OwnedThing.Absent.Ids))
                _faults.Add($"{route} by {who} tells what is another's from what is not there: {answer}, but {absent}");
        }

        if (rule.IsOfAThing && await Requests.LookAsync(thing) != before)
            _faults.Add($"{route} lets somebody change what is another's");
    }

    private async Task<Answer> CheckAsync(string route, RouteRule rule, Who who, OwnedThing thing, bool isShared)
    {
        var answer = await Requests.SendAsync(route, who, thing);
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
        RouteRules.All[route].IsOfAThing ? await Requests.MakeForAsync(route, isShared) : OwnedThing.Absent;

    private static bool IsServed(RouteRule rule, Who who, bool isShared) => rule.For(who, isShared) == rule.Served;

    // By contract these make the session that they name, so what is another's can only look as though it could not be had.
    private static bool IsNewWhereAbsent(string route) => route is "POST /chat" or "GET /chat/ws/{clientId}/{sessionId}";
}
