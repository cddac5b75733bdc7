using OrleansChat.Contract.Tests.Hosting;
using OrleansChat.Core.Errors;
using OrleansChat.Core.Keys;

namespace OrleansChat.Contract.Tests.Keys;

/// <summary>What the owner of run-time keys promises on every host.</summary>
/// <typeparam name="THost">Starts the host.</typeparam>
public abstract class ApiKeysContract<THost> : ActorContract<THost>
    where THost : IActorHostFactory
{
    [Fact]
    public async Task Changes_OutliveACrash()
    {
        await Actors.ApiKeys().NoteAsync(["configured"], default);
        await Actors.ApiKeys().CreateAsync(Key("a"), default);
        await Actors.ApiKeys().CreateAsync(Key("b"), default);
        await Actors.ApiKeys().RevokeAsync("a", default);
        await Host.CrashAsync();
        var list = await Actors.ApiKeys().ListAsync(default);
        Assert.Equal([("a", true), ("b", false)], list.Keys.Select(key => (key.Id, key.RevokedAt is not null)));
        Assert.Equal(["a", "b", "configured"], list.Ledgers.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Key_KeepsAllItsFields()
    {
        var key = Key("a") with
        {
            ExpiresAt = Clock.GetUtcNow().AddDays(1),
            Key = new ApiKey { Id = "a", Team = "t", Admin = true, LogContent = true, Models = ["m"], Upstreams = ["u"], Collections = ["c"], Limits = new() { RequestsPerMinute = 3 }, Budget = new(5, new()) },
        };
        await Actors.ApiKeys().CreateAsync(key, default);
        await Host.CrashAsync();
        var found = Assert.Single((await Actors.ApiKeys().ListAsync(default)).Keys);
        Assert.Equivalent(key, found, strict: true);
    }

    [Fact]
    public async Task RotationAndChanges_OutliveACrash_AndARepeatedRotationChangesNothing()
    {
        var end = Clock.GetUtcNow().AddMinutes(5);
        await Actors.ApiKeys().CreateAsync(Key("a"), default);
        await Actors.ApiKeys().RotateAsync("a", "new", end, default);
        await Host.CrashAsync();
        await Actors.ApiKeys().RotateAsync("a", "new", end.AddHours(1), default);
        var limits = new ApiKey { Id = "", Limits = new() { RequestsPerMinute = 3 } };
        await Actors.ApiKeys().ChangeAsync("a", new KeyChanges(KeyFields.Limits, limits, null), default);
        await Host.CrashAsync();

        var found = Assert.Single((await Actors.ApiKeys().ListAsync(default)).Keys);
        Assert.Equal(("new", "hash of a", end, 3), (found.SecretHash, found.PreviousHash, found.PreviousUntil, found.Key.Limits.RequestsPerMinute));
        Assert.True(found.Opens("hash of a", end.AddTicks(-1)));
        Assert.False(found.Opens("hash of a", end));
        Assert.True(found.Opens("new", end));

        await Actors.ApiKeys().RotateAsync("a", "newer", end.AddHours(1), default);
        await Host.CrashAsync();
        found = Assert.Single((await Actors.ApiKeys().ListAsync(default)).Keys);
        Assert.True(found.Opens("hash of a", end.AddTicks(-1)));
        Assert.False(found.Opens("hash of a", end));
        Assert.True(found.Opens("new", end));
    }

    [Fact]
    public async Task Watch_BeginsWithTheListAndTellsEveryLaterOne()
    {
        using var end = new CancellationTokenSource();
        await using var watch = Actors.ApiKeys().WatchAsync(end.Token).GetAsyncEnumerator(end.Token);
        Assert.True(await watch.MoveNextAsync());
        Assert.Empty(watch.Current.Keys);
        var next = watch.MoveNextAsync();
        await Actors.ApiKeys().CreateAsync(Key("a"), default);
        Assert.True(await next);
        Assert.Equal("a", Assert.Single(watch.Current.Keys).Id);
        await end.CancelAsync();
    }

    [Fact]
    public async Task Refusal_ReachesTheCallerAsAProblem()
    {
        var fault = await Assert.ThrowsAsync<RequestException>(async () => await Actors.ApiKeys().RevokeAsync("nobody", default));
        Assert.Equal("not_found", fault.Problem.Code);
    }

    private IssuedKey Key(string id) => new() { Key = new ApiKey { Id = id }, SecretHash = $"hash of {id}", CreatedAt = Clock.GetUtcNow() };
}
