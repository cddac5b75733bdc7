using OrleansChat.Cluster.Tests.Hosts;
using OrleansChat.Core.Answers;
using OrleansChat.Core.Caching;
using OrleansChat.Core.Errors;
using OrleansChat.Core.Idempotency;
using OrleansChat.Core.Keys;

namespace OrleansChat.Cluster.Tests.Wire;

/// <summary>Keys, idempotent answers and cached answers over the wire of two silos and through their death.</summary>
public sealed class KeysAndAnswersTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly AnswerHead Head = new(200, "text/event-stream");
    private TestSilos _silos = null!;

    public async Task InitializeAsync() => _silos = await TestSilos.StartAsync();

    public async Task DisposeAsync() => await _silos.DisposeAsync();

    [Fact]
    public async Task Keys_AreWatchedAndOutliveTheSilos()
    {
        var key = new IssuedKey
        {
            Key = new ApiKey { Id = "a", Models = ["m"], Collections = ["c"], Cache = CacheScope.Shared, Limits = new() { RequestsPerMinute = 3 } },
            SecretHash = "hash",
            CreatedAt = DateTimeOffset.UnixEpoch,
        };
        var keys = _silos.Actors.ApiKeys();
        await keys.NoteAsync(["configured"], default);
        await using var watch = keys.WatchAsync(default).GetAsyncEnumerator();
        Assert.True(await watch.MoveNextAsync().AsTask().WaitAsync(Patience));
        await keys.CreateAsync(key, default);
        Assert.True(await watch.MoveNextAsync().AsTask().WaitAsync(Patience));
        Assert.Equivalent(key, watch.Current.Keys[0], strict: true);
        await keys.ChangeAsync("a", new KeyChanges(KeyFields.Admin, new ApiKey { Id = "", Admin = true }, null), default);
        await _silos.CrashAsync();

        var list = await _silos.Actors.ApiKeys().RotateAsync("a", "other", DateTimeOffset.MaxValue, default);
        Assert.Equal((true, "other", "hash"), (list.Keys[0].Key.Admin, list.Keys[0].SecretHash, list.Keys[0].PreviousHash));
        Assert.Equal(2, list.Ledgers.Count);
        var fault = await Assert.ThrowsAsync<RequestException>(async () => await _silos.Actors.ApiKeys().RevokeAsync("nobody", default));
        Assert.Equal("not_found", fault.Problem.Code);
    }

    [Fact]
    public async Task IdempotentAnswer_IsJoinedAndOutlivesTheSilos()
    {
        var place = IdempotencyShard.Of("key", "a");
        var shard = _silos.Actors.Idempotency(place.Actor);
        Assert.Equal(IdempotencyState.Begun, (await shard.BeginAsync(new IdempotentCall(place.Id, "print", "first"), default)).State);
        await shard.AppendAsync(place.Id, "first", new AnswerPart(0, Head, [1, 2]), default);
        await using var joined = shard.ReadAsync(place.Id, 0, default).GetAsyncEnumerator();
        Assert.True(await joined.MoveNextAsync().AsTask().WaitAsync(Patience));
        Assert.Equal([1, 2], joined.Current.Bytes);
        Assert.Equal(Head, joined.Current.Head);
        await shard.AppendAsync(place.Id, "first", new AnswerPart(2, Head, [3]), default);
        Assert.Equal(3, await shard.CompleteAsync(place.Id, "first", new CompletedAnswer(Head, 3, true), default));
        Assert.True(await joined.MoveNextAsync().AsTask().WaitAsync(Patience));
        Assert.Equal([3], joined.Current.Bytes);
        await _silos.CrashAsync();

        shard = _silos.Actors.Idempotency(place.Actor);
        Assert.Equal(IdempotencyState.Finished, (await shard.BeginAsync(new IdempotentCall(place.Id, "print", "second"), default)).State);
        var bytes = new List<byte>();
        await foreach (var part in shard.ReadAsync(place.Id, 0, default))
            bytes.AddRange(part.Bytes);
        Assert.Equal([1, 2, 3], bytes);
    }

    [Fact]
    public async Task CachedAnswer_OutlivesTheSilos()
    {
        var answer = new CachedAnswer(Head, [1, 2, 3], 42);
        await _silos.Actors.ResponseCache("shared:00").PutAsync("a", answer, default);
        await _silos.CrashAsync();
        Assert.Equivalent(answer, await _silos.Actors.ResponseCache("shared:00").FindAsync("a", default), strict: true);
    }
}
