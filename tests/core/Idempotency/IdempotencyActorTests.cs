using System.Text;
using OrleansChat.Core.Answers;
using OrleansChat.Core.Errors;
using OrleansChat.Core.Idempotency;
using OrleansChat.Core.Settings;
using OrleansChat.Testing;
using OrleansChat.Testing.Actors;
using Xunit.Abstractions;

namespace OrleansChat.Core.Tests.Idempotency;

public sealed class IdempotencyActorTests(ITestOutputHelper output)
{
    private static readonly AnswerHead Head = new(200, "application/json");
    private readonly FakeClock _clock = new();
    private readonly InMemoryStore _store = new();
    private readonly TestOptions<OrleansChatOptions> _settings = new(new OrleansChatOptions { Idempotency = new() { MaxAnswerBytes = 100 } });

    [Fact]
    public async Task Repeat_AfterTheEnd_GetsTheAnswer_AlsoFromALaterActivation()
    {
        var actor = Activate();
        Assert.Equal(IdempotencyState.Begun, await BeginAsync(actor, "a", "first"));
        await AnswerAsync(actor, "a", "first", "hello");
        foreach (var later in new[] { actor, Activate() })
        {
            Assert.Equal(IdempotencyState.Finished, await BeginAsync(later, "a", "second"));
            Assert.Equal(("hello", AnswerEnd.Whole), await ReadAsync(later, "a"));
        }
    }

    [Fact]
    public async Task Repeat_AfterTheRetention_BeginsAnewAndLeavesNoAnswerBehind()
    {
        var actor = Activate();
        await BeginAsync(actor, "a", "first");
        await AnswerAsync(actor, "a", "first", "hello");
        _clock.Advance(TimeSpan.FromHours(24) - TimeSpan.FromTicks(1));
        Assert.Equal(IdempotencyState.Finished, await BeginAsync(actor, "a", "second"));
        _clock.Advance(TimeSpan.FromTicks(1));
        Assert.Equal(IdempotencyState.Begun, await BeginAsync(actor, "a", "second"));
        Assert.DoesNotContain(_store.Keys, key => key.Contains("answer", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Repeat_WithAnotherRequest_IsAMismatch_WhileItRunsAndAfter()
    {
        var actor = Activate();
        await BeginAsync(actor, "a", "first");
        Assert.Equal(IdempotencyState.Mismatch, await BeginAsync(actor, "a", "second", "other"));
        await AnswerAsync(actor, "a", "first", "hello");
        Assert.Equal(IdempotencyState.Mismatch, await BeginAsync(actor, "a", "second", "other"));
    }

    [Fact]
    public async Task Joined_GetsTheBytesFromTheBeginningAsTheyCome()
    {
        var actor = Activate();
        await BeginAsync(actor, "a", "first");
        await actor.AppendAsync("a", "first", Part(0, "he"), default);
        Assert.Equal(IdempotencyState.Running, await BeginAsync(actor, "a", "second"));
        await using var reading = actor.ReadAsync("a", 0, default).GetAsyncEnumerator();
        Assert.True(await reading.MoveNextAsync());
        Assert.Equal("he", Text(reading.Current));
        var next = reading.MoveNextAsync();
        Assert.False(next.IsCompleted);
        await actor.AppendAsync("a", "first", Part(2, "llo"), default);
        Assert.True(await next);
        Assert.Equal("llo", Text(reading.Current));
        await actor.CompleteAsync("a", "first", new CompletedAnswer(Head, 5, true), default);
        Assert.True(await reading.MoveNextAsync());
        Assert.Equal(AnswerEnd.Whole, reading.Current.End);
    }

    [Fact]
    public async Task Append_RepeatedOrWithAGap_ChangesNothing()
    {
        var actor = Activate();
        await BeginAsync(actor, "a", "first");
        Assert.Equal(2, await actor.AppendAsync("a", "first", Part(0, "he"), default));
        Assert.Equal(2, await actor.AppendAsync("a", "first", Part(0, "he"), default));
        Assert.Equal(2, await actor.AppendAsync("a", "first", Part(4, "o"), default));
        Assert.Equal(4, await actor.AppendAsync("a", "first", Part(1, "ell"), default));
        Assert.Null(await actor.AppendAsync("a", "somebody", Part(0, "x"), default));
        Assert.Equal(4, await actor.CompleteAsync("a", "first", new CompletedAnswer(Head, 5, true), default));
        await AnswerAsync(actor, "a", "first", "hello");
        Assert.Equal("hello", (await ReadAsync(actor, "a")).Text);
    }

    [Fact]
    public async Task Failure_ReachesWhoJoined_AndARepeatBeginsAnew()
    {
        var actor = Activate();
        await BeginAsync(actor, "a", "first");
        var joined = ReadAsync(actor, "a");
        await actor.FailAsync("a", "first", Problem.Of(ProblemCode.UpstreamError, "It broke."), default);
        Assert.Equal(AnswerEnd.Failed, (await joined).End);
        Assert.Equal(IdempotencyState.Begun, await BeginAsync(actor, "a", "second"));
    }

    [Fact]
    public async Task HolderThatDies_LosesItsLease_AndWhoJoinedIsTold()
    {
        var actor = Activate();
        await BeginAsync(actor, "a", "first");
        var joined = ReadAsync(actor, "a");
        _clock.Advance(TimeSpan.FromSeconds(20));
        await actor.AppendAsync("a", "first", Part(0, ""), default);
        _clock.Advance(TimeSpan.FromSeconds(30) - TimeSpan.FromTicks(1));
        Assert.Equal(IdempotencyState.Running, await BeginAsync(actor, "a", "second"));
        _clock.Advance(TimeSpan.FromTicks(1));
        Assert.Equal(AnswerEnd.Lost, (await joined.WaitAsync(TimeSpan.FromSeconds(30))).End);
        Assert.Equal(IdempotencyState.Begun, await BeginAsync(actor, "a", "second"));
        Assert.Null(await actor.CompleteAsync("a", "first", new CompletedAnswer(Head, 0, true), default));
    }

    [Fact]
    public async Task Crash_WhileItRuns_LeavesItToItsHolder_WhoSendsTheAnswerAgain()
    {
        var actor = Activate();
        await BeginAsync(actor, "a", "first");
        await actor.AppendAsync("a", "first", Part(0, "he"), default);
        actor = Activate();
        Assert.Equal(IdempotencyState.Running, await BeginAsync(actor, "a", "second"));
        Assert.Equal(0, await actor.AppendAsync("a", "first", Part(2, "llo"), default));
        await AnswerAsync(actor, "a", "first", "hello");
        Assert.Equal("hello", (await ReadAsync(actor, "a")).Text);
    }

    [Fact]
    public async Task AnswerOverTheLimit_IsNotKept_AndIsNotGivenTwice()
    {
        var actor = Activate();
        await BeginAsync(actor, "a", "first");
        await actor.CompleteAsync("a", "first", new CompletedAnswer(Head, 101, false), default);
        Assert.Equal(IdempotencyState.NotKept, await BeginAsync(actor, "a", "second"));
    }

    [Fact]
    public async Task FullShard_ForgetsTheOldestThatHasEnded_AndRefusesWhereAllRun()
    {
        var actor = Activate();
        for (var i = 0; i < IdempotencyActor.MaxOperations; i++)
            await BeginAsync(actor, $"k{i}", "h");
        Assert.Equal(IdempotencyState.Full, await BeginAsync(actor, "new", "h"));
        await AnswerAsync(actor, "k7", "h", "hello");
        Assert.Equal(IdempotencyState.Begun, await BeginAsync(actor, "new", "h"));
        Assert.Equal(IdempotencyState.Full, await BeginAsync(actor, "k7", "h"));
    }

    [Fact]
    public async Task RandomCalls_AgreeWithAPlainModel()
    {
        var seed = Random.Shared.Next();
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        var running = new Dictionary<string, (string Holder, DateTimeOffset LeaseEnd)>();
        var finished = new Dictionary<string, (string Answer, DateTimeOffset Until)>();
        var actor = Activate();
        for (var step = 0; step < 1000; step++)
        {
            _clock.Advance(TimeSpan.FromSeconds(random.Next(12)));
            if (random.Next(200) == 0)
                _clock.Advance(TimeSpan.FromHours(20));
            var now = _clock.GetUtcNow();
            var (id, holder) = ($"k{random.Next(5)}", $"h{random.Next(3)}");
            foreach (var lost in running.Where(pair => pair.Value.LeaseEnd <= now).Select(pair => pair.Key).ToList())
                running.Remove(lost);
            foreach (var old in finished.Where(pair => pair.Value.Until <= now).Select(pair => pair.Key).ToList())
                finished.Remove(old);
            switch (random.Next(3))
            {
                case 0:
                    var expected = finished.ContainsKey(id) ? IdempotencyState.Finished
                        : running.TryGetValue(id, out var held) ? held.Holder == holder ? IdempotencyState.Begun : IdempotencyState.Running
                        : IdempotencyState.Begun;
                    if (!running.ContainsKey(id) && !finished.ContainsKey(id))
                        running[id] = (holder, now.AddSeconds(30));
                    Assert.Equal(expected, await BeginAsync(actor, id, holder));
                    break;
                case 1 when running.TryGetValue(id, out var run) && run.Holder == holder:
                    if (random.Next(4) == 0)
                    {
                        await actor.FailAsync(id, holder, Problem.Of(ProblemCode.Internal, "x"), default);
                        running.Remove(id);
                    }
                    else
                    {
                        await AnswerAsync(actor, id, holder, $"answer {step}");
                        running.Remove(id);
                        finished[id] = ($"answer {step}", now.AddHours(24));
                    }

                    break;
                case 2 when finished.TryGetValue(id, out var done):
                    Assert.Equal((done.Answer, AnswerEnd.Whole), await ReadAsync(actor, id));
                    break;
            }
        }
    }

    private static AnswerPart Part(long offset, string text) => new(offset, Head, Encoding.UTF8.GetBytes(text));

    private static string Text(AnswerPart part) => Encoding.UTF8.GetString(part.Bytes);

    private static async Task<IdempotencyState> BeginAsync(IdempotencyActor actor, string id, string holder, string fingerprint = "same") =>
        (await actor.BeginAsync(new IdempotentCall(id, fingerprint, holder), default)).State;

    private static async Task AnswerAsync(IdempotencyActor actor, string id, string holder, string text)
    {
        await actor.AppendAsync(id, holder, Part(0, text), default);
        Assert.Equal(text.Length, await actor.CompleteAsync(id, holder, new CompletedAnswer(Head, text.Length, true), default));
    }

    private static async Task<(string Text, AnswerEnd End)> ReadAsync(IdempotencyActor actor, string id)
    {
        var text = "";
        await foreach (var part in actor.ReadAsync(id, 0, default))
        {
            text += Text(part);
            if (part.End is not AnswerEnd.None)
                return (text, part.End);
        }

        return (text, AnswerEnd.None);
    }

    private IdempotencyActor Activate()
    {
        var context = new InMemoryActorContext(_store, "idempotency", "key:00", null!);
        return new IdempotencyActor(context, context.MainState<IdempotencyShardState>(), _clock, _settings);
    }
}
