using System.Text;
using OrleansChat.Contract.Tests.Hosting;
using OrleansChat.Core.Answers;
using OrleansChat.Core.Errors;
using OrleansChat.Core.Idempotency;

namespace OrleansChat.Contract.Tests.Idempotency;

/// <summary>What the owner of idempotent requests promises on every host.</summary>
/// <typeparam name="THost">Starts the host.</typeparam>
public abstract class IdempotencyContract<THost> : ActorContract<THost>
    where THost : IActorHostFactory
{
    private static readonly AnswerHead Head = new(201, "text/plain");
    private static readonly IdempotencyShard Place = IdempotencyShard.Of("key", "a");

    private IIdempotencyActor Shard => Actors.Idempotency(Place.Actor);

    [Fact]
    public async Task Answer_OutlivesACrashByteByByte()
    {
        var body = Enumerable.Range(0, 70_000).Select(i => (byte)i).ToArray();
        await BeginAsync("first");
        await Shard.AppendAsync(Place.Id, "first", new AnswerPart(0, Head, body), default);
        Assert.Equal(body.Length, await Shard.CompleteAsync(Place.Id, "first", new CompletedAnswer(Head, body.Length, true), default));
        await Host.CrashAsync();
        Assert.Equal(IdempotencyState.Finished, await BeginAsync("second"));
        var parts = await ReadAsync();
        Assert.Equal(Head, parts[0].Head);
        Assert.Equal(body, parts.SelectMany(part => part.Bytes));
        Assert.Equal(AnswerEnd.Whole, parts[^1].End);
    }

    [Fact]
    public async Task Begun_OutlivesACrash_ForAsLongAsItsHolderIsHeardOf()
    {
        await BeginAsync("first");
        await Host.CrashAsync();
        Assert.Equal(IdempotencyState.Running, await BeginAsync("second"));
        Assert.Equal(0, await Shard.AppendAsync(Place.Id, "first", new AnswerPart(0, null, []), default));
    }

    [Fact]
    public async Task Joined_FollowsTheAnswerToItsEnd()
    {
        await BeginAsync("first");
        var joined = ReadAsync();
        await Shard.AppendAsync(Place.Id, "first", new AnswerPart(0, Head, Encoding.UTF8.GetBytes("hel")), default);
        await Shard.AppendAsync(Place.Id, "first", new AnswerPart(3, Head, Encoding.UTF8.GetBytes("lo")), default);
        await Shard.CompleteAsync(Place.Id, "first", new CompletedAnswer(Head, 5, true), default);
        Assert.Equal("hello", Encoding.UTF8.GetString([.. (await joined).SelectMany(part => part.Bytes)]));
    }

    [Fact]
    public async Task Failure_ReachesWhoJoinedWithItsProblem()
    {
        await BeginAsync("first");
        var joined = ReadAsync();
        await Shard.FailAsync(Place.Id, "first", Problem.Of(ProblemCode.UpstreamError, "It broke."), default);
        var end = (await joined)[^1];
        Assert.True(end.End is AnswerEnd.Failed ? end.Failure!.Detail == "It broke." : end.End is AnswerEnd.Lost);
        Assert.Equal(IdempotencyState.Begun, await BeginAsync("second"));
    }

    private async Task<IdempotencyState> BeginAsync(string holder) =>
        (await Shard.BeginAsync(new IdempotentCall(Place.Id, "print", holder), default)).State;

    private async Task<List<AnswerPart>> ReadAsync()
    {
        var parts = new List<AnswerPart>();
        await foreach (var part in Shard.ReadAsync(Place.Id, 0, default))
            parts.Add(part);
        return parts;
    }
}
