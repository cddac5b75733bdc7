using System.Text.Json;
using OrleansChat.GatewayApi.Tests.Hosting;
using OrleansChat.Testing;
using Xunit.Abstractions;

namespace OrleansChat.GatewayApi.Tests.Tenancy;

/// <summary>
/// Several keys make, change and delete at random; in between each names what it may not see, in every way it can. What is another's is always as if it
/// were not there, and stays as its owner left it.
/// </summary>
public sealed class OwnershipTests(ITestOutputHelper output) : IAsyncLifetime
{
    private const int Steps = 120;
    private const int ProbesAtAStep = 6;

    private readonly OwnershipModel _model = new();
    private readonly Random _random = Seed.Print(output);
    private GatewayHost _host = null!;
    private OwnersActions _actions = null!;

    public async Task InitializeAsync()
    {
        _host = await GatewayHost.StartAsync(Tenant.Settings);
        _actions = new OwnersActions(_host, _model, _random);
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task WhatIsAnothers_IsNeverSeenChangedOrToldFromWhatIsNotThere()
    {
        for (var step = 0; step < Steps; step++)
        {
            await _actions.ActAsync();
            for (var i = 0; i < ProbesAtAStep; i++)
                await ProbeAsync(AnyTenant());
            await CheckListAsync(AnyTenant());
        }

        foreach (var session in _model.Sessions.Where(session => !session.IsGone))
            Assert.Equal(session.Seen, await _actions.ExportAsync(session));
        foreach (var tenant in Tenant.All)
            await CheckSearchesAndSumsAsync(tenant);
    }

    private async Task ProbeAsync(Tenant tenant)
    {
        var hidden = _model.HiddenFrom(tenant).ToList();
        if (hidden.Count == 0)
            return;

        var ids = IdsOf(hidden[_random.Next(hidden.Count)]);
        var own = _model.VisibleTo(tenant).ToList();
        if (own.Count > 0 && _random.Next(3) == 0)
            await ProbeWithinAsync(tenant, own[_random.Next(own.Count)], ids);
        else if (_random.Next(3) == 0)
            await ProbeByTrickAsync(tenant, ids);
        else if (_model.Find(ids.Session) is not { } living || !OwnershipModel.MaySee(tenant, living))
            await CompareAsync(tenant, Probes.Of, ids);
    }

    /// <summary>Names what is in another's session by the path of one's own.</summary>
    private async Task ProbeWithinAsync(Tenant tenant, ModelSession own, NamedIds ids)
    {
        if (Guid.TryParse(own.Id, out _))
            ids = ids with { Response = Probes.Forged(own.Id, ids.Response) };
        await CompareAsync(tenant, named => [.. Probes.In($"/api/sessions/{own.Id}", named), new("GET", $"/v1/responses/{named.Response}")], ids);
    }

    private async Task ProbeByTrickAsync(Tenant tenant, NamedIds ids)
    {
        if (_model.Find(ids.Session) is { } living && OwnershipModel.MaySee(tenant, living))
            return;

        var trick = _random.Next(PathTricks.Count);
        await CompareAsync(
            tenant,
            named =>
            [
                new("GET", PathTricks.Apply(trick, "/api/sessions", named.Session)),
                new("GET", $"/api/limits?session={PathTricks.Apply(trick, "", named.Session)[1..]}"),
                new("GET", PathTricks.Apply(trick, $"/api/sessions/{named.Session}/turns", named.Turn)),
                new("GET", PathTricks.Apply(trick, "/v1/responses", named.Response)),
                new("DELETE", PathTricks.Apply(trick, "/api/sessions", named.Session)),
            ],
            ids);
    }

    /// <summary>One of some requests is answered for what is another's just as for what never was.</summary>
    private async Task CompareAsync(Tenant tenant, Func<NamedIds, IEnumerable<Probe>> probes, NamedIds ids)
    {
        var absent = ids.Absent();
        var (real, control) = (probes(ids).ToList(), probes(absent).ToList());
        var i = _random.Next(real.Count);
        var answer = await tenant.SendAsync(_host, real[i]);
        var expected = await tenant.SendAsync(_host, control[i]);

        var sent = $"{real[i]} by {tenant.Id}";
        Assert.True(answer.Status >= 400 && answer.Status < 500, $"{sent}: {answer}");
        Assert.True(answer.WithoutIds(ids.All) == expected.WithoutIds(absent.All), $"{sent}\nis {answer}\nbut what never was is {expected}");
        CheckMarkers(tenant, answer, sent);
    }

    /// <summary>A list holds what the model says that the key may see, page by page.</summary>
    private async Task CheckListAsync(Tenant tenant)
    {
        var listed = new List<string>();
        string? cursor = null;
        do
        {
            var page = await GetAsync(tenant, $"/api/sessions?limit=7&cursor={cursor}");
            listed.AddRange(page.GetProperty("items").EnumerateArray().Select(line => line.GetProperty("id").GetString()!));
            cursor = page.GetProperty("nextCursor").GetString();
        }
        while (cursor is not null);
        Assert.Equal(_model.VisibleTo(tenant).Select(session => session.Id).Order(StringComparer.Ordinal), listed.Order(StringComparer.Ordinal));
    }

    private async Task CheckSearchesAndSumsAsync(Tenant tenant)
    {
        foreach (var session in _model.Sessions)
        {
            var found = await GetAsync(tenant, $"/api/sessions?query={session.Marker}");
            Assert.Equal(OwnershipModel.MaySee(tenant, session) ? [session.Id] : [], found.GetProperty("items").EnumerateArray().Select(line => line.GetProperty("id").GetString()));
        }

        var scopes = (await GetAsync(tenant, "/api/limits")).GetProperty("scopes").EnumerateArray().Select(scope => scope.GetProperty("scope").GetString());
        Assert.Equal(tenant.Team is null ? [$"key:{tenant.Id}"] : [$"key:{tenant.Id}", $"team:{tenant.Team}"], scopes);
        var used = (await GetAsync(tenant, "/api/usage?groupBy=key")).GetProperty("items").EnumerateArray().Select(line => line.GetProperty("group").GetString());
        Assert.All(used, group => Assert.Equal(tenant.Id, group));
    }

    private async Task<JsonElement> GetAsync(Tenant tenant, string path)
    {
        var answer = await tenant.SendAsync(_host, new("GET", path));
        Assert.Equal(200, answer.Status);
        CheckMarkers(tenant, answer, $"{path} by {tenant.Id}");
        return JsonElement.Parse(answer.Body);
    }

    private void CheckMarkers(Tenant tenant, Answer answer, string sent)
    {
        foreach (var session in _model.HiddenFrom(tenant))
            Assert.False(answer.Text.Contains(session.Marker, StringComparison.Ordinal), $"{sent} shows {session.Id} of {session.Owner.Id}: {answer}");
    }

    /// <summary>The ids of a session; of what it has none, some that were never given.</summary>
    private NamedIds IdsOf(ModelSession session) => new(
        session.Id,
        Any(session.Turns) ?? Guid.CreateVersion7().ToString(),
        Any(session.Messages) ?? Guid.CreateVersion7().ToString(),
        Any(session.Responses) ?? $"resp_{Guid.CreateVersion7():N}{Guid.NewGuid():N}");

    private Tenant AnyTenant() => Tenant.All[_random.Next(Tenant.All.Count)];

    private string? Any(IReadOnlyList<string> ids) => ids.Count == 0 ? null : ids[_random.Next(ids.Count)];
}
