using OrleansChat.Core.Errors;
using OrleansChat.Core.Keys;
using OrleansChat.Testing;
using OrleansChat.Testing.Actors;
using Xunit.Abstractions;

namespace OrleansChat.Core.Tests.Keys;

public sealed class ApiKeysActorTests(ITestOutputHelper output)
{
    private readonly FakeClock _clock = new();
    private readonly InMemoryStore _store = new();

    [Fact]
    public async Task Create_ThenANewActivation_StillHasTheKey()
    {
        await Activate().CreateAsync(Key("a", "h1"), default);
        var list = await Activate().ListAsync(default);
        Assert.Equal("a", Assert.Single(list.Keys).Id);
        Assert.Equal(["a"], list.Ledgers);
    }

    [Fact]
    public async Task Create_OfATakenId_IsRefusedEvenAfterRevocation_ButARepeatIsNot()
    {
        var actor = Activate();
        var first = await actor.CreateAsync(Key("a", "h1"), default);
        Assert.Equal(first.Version, (await actor.CreateAsync(Key("a", "h1"), default)).Version);
        await Assert.ThrowsAsync<RequestException>(async () => await actor.CreateAsync(Key("A", "h2"), default));
        await actor.RevokeAsync("a", default);
        await Assert.ThrowsAsync<RequestException>(async () => await actor.CreateAsync(Key("a", "h2"), default));
    }

    [Fact]
    public async Task Create_OfAnIdThatSettingsOnceNamed_IsRefused()
    {
        await Activate().NoteAsync(["configured"], default);
        await Assert.ThrowsAsync<RequestException>(async () => await Activate().CreateAsync(Key("Configured", "h"), default));
    }

    [Fact]
    public async Task Rotate_LeavesTheSecretBeforeValidUntilItsTimeAndNoLonger()
    {
        var actor = Activate();
        await actor.CreateAsync(Key("a", "old"), default);
        var end = _clock.GetUtcNow().AddMinutes(5);
        var index = new KeyIndex(await actor.RotateAsync("a", "new", end, default));
        Assert.NotNull(index.Find("new", end));
        Assert.NotNull(index.Find("old", end.AddTicks(-1)));
        Assert.Null(index.Find("old", end));
    }

    [Fact]
    public async Task Rotate_Repeated_KeepsTheSecretBefore()
    {
        var actor = Activate();
        await actor.CreateAsync(Key("a", "old"), default);
        var end = _clock.GetUtcNow().AddMinutes(5);
        await actor.RotateAsync("a", "new", end, default);
        var repeated = await actor.RotateAsync("a", "new", end.AddHours(1), default);
        Assert.Equal(("old", end), (repeated.Keys[0].PreviousHash, repeated.Keys[0].PreviousUntil));
    }

    [Fact]
    public async Task Rotate_WithinAnOverlap_LeavesTheEarlierSecretItsTime_UnlessTheOverlapIsShorter()
    {
        var actor = Activate();
        await actor.CreateAsync(Key("a", "first"), default);
        var end = _clock.GetUtcNow().AddMinutes(5);
        await actor.RotateAsync("a", "second", end, default);
        var index = new KeyIndex(await actor.RotateAsync("a", "third", end.AddHours(1), default));
        Assert.NotNull(index.Find("first", end.AddTicks(-1)));
        Assert.Null(index.Find("first", end));
        Assert.NotNull(index.Find("second", end));

        var now = _clock.GetUtcNow();
        index = new KeyIndex(await actor.RotateAsync("a", "fourth", now, default));
        Assert.All((string[])["first", "second", "third"], secret => Assert.Null(index.Find(secret, now)));
    }

    [Fact]
    public async Task Rotate_AgainAndAgain_KeepsABoundedNumberOfSecrets()
    {
        var actor = Activate();
        await actor.CreateAsync(Key("a", "h0"), default);
        var end = _clock.GetUtcNow().AddDays(1);
        for (var i = 1; i <= 20; i++)
            await actor.RotateAsync("a", $"h{i}", end, default);

        var index = new KeyIndex(await actor.ListAsync(default));
        var valid = Enumerable.Range(0, 21).Where(i => index.Find($"h{i}", _clock.GetUtcNow()) is not null);
        Assert.Equal(Enumerable.Range(19 - IssuedKey.MostEarlier, IssuedKey.MostEarlier + 2), valid);
    }

    [Fact]
    public async Task Expiry_EndsAKeyAtItsMoment()
    {
        var end = _clock.GetUtcNow().AddHours(1);
        var index = new KeyIndex(await Activate().CreateAsync(Key("a", "h") with { ExpiresAt = end }, default));
        Assert.NotNull(index.Find("h", end.AddTicks(-1)));
        Assert.Null(index.Find("h", end));
    }

    [Fact]
    public async Task Change_ReplacesWhatItNamesAndNothingElse()
    {
        var actor = Activate();
        await actor.CreateAsync(Key("a", "h") with { Key = new ApiKey { Id = "a", Team = "t", Admin = true } }, default);
        var changes = new KeyChanges(KeyFields.Team | KeyFields.Models, new ApiKey { Id = "other", Models = ["m"] }, null);
        var key = (await actor.ChangeAsync("a", changes, default)).Keys[0].Key;
        Assert.Equal(("a", null, true), (key.Id, key.Team, key.Admin));
        Assert.Equal(["m"], key.Models);
    }

    [Fact]
    public async Task Watch_TellsEveryChangeOnlyOnceItIsDurable()
    {
        var actor = Activate();
        await using var watch = actor.WatchAsync(default).GetAsyncEnumerator();
        Assert.True(await watch.MoveNextAsync());
        var next = watch.MoveNextAsync();
        var hold = new TaskCompletionSource();
        _store.BeforeWrite = _ => hold.Task;
        var creating = actor.CreateAsync(Key("a", "h"), default);
        Assert.False(next.IsCompleted);
        Assert.Empty((await actor.ListAsync(default)).Keys);
        hold.SetResult();
        await creating;
        Assert.True(await next);
        Assert.Single(watch.Current.Keys);
    }

    [Fact]
    public async Task RandomChanges_AgreeWithAPlainModel()
    {
        var seed = Random.Shared.Next();
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        var model = new Dictionary<string, (string Hash, List<(string Hash, DateTimeOffset Until)> Before, bool Revoked)>();
        var actor = Activate();
        for (var step = 0; step < 500; step++)
        {
            _clock.Advance(TimeSpan.FromSeconds(random.Next(3)));
            var (id, hash, until) = ($"k{random.Next(6)}", $"h{step}", _clock.GetUtcNow().AddSeconds(random.Next(10)));
            var known = model.TryGetValue(id, out var entry);
            switch (random.Next(4))
            {
                case 0 when !known:
                    await actor.CreateAsync(Key(id, hash), default);
                    model[id] = (hash, [], false);
                    break;
                case 1 when known && !entry.Revoked:
                    await actor.RotateAsync(id, hash, until, default);
                    model[id] = (hash, [(entry.Hash, until), .. entry.Before.Select(secret => (secret.Hash, secret.Until < until ? secret.Until : until))], false);
                    break;
                case 2 when known && random.Next(5) == 0:
                    await actor.RevokeAsync(id, default);
                    model[id] = entry with { Revoked = true };
                    break;
                case 3:
                    actor = Activate();
                    break;
            }

            var index = new KeyIndex(await actor.ListAsync(default));
            var now = _clock.GetUtcNow();
            foreach (var (key, value) in model)
            {
                Assert.Equal(value.Revoked ? null : key, index.Find(value.Hash, now)?.Id);
                foreach (var before in value.Before)
                    Assert.Equal(!value.Revoked && now < before.Until ? key : null, index.Find(before.Hash, now)?.Id);
            }
        }
    }

    private ApiKeysActor Activate()
    {
        var context = new InMemoryActorContext(_store, "api-keys", ApiKeysActor.Key, null!);
        return new ApiKeysActor(context, context.MainState<ApiKeysState>(), _clock);
    }

    private IssuedKey Key(string id, string hash) =>
        new() { Key = new ApiKey { Id = id }, SecretHash = hash, CreatedAt = _clock.GetUtcNow() };
}
