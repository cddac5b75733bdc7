using Orleans.Serialization;
using Orleans.Storage;
using OrleansChat.Core.Errors;
using OrleansChat.GrainInterfaces.Directory;
using OrleansChat.GrainInterfaces.Sessions;
using OrleansChat.Testing;

namespace OrleansChat.GrainInterfaces.Tests.Directory;

public sealed class CallRepetitionTests
{
    private readonly FakeClock _clock = new();
    private readonly CallRepetition _calls;
    private int _count;

    public CallRepetitionTests() => _calls = new CallRepetition(_clock, new ConnectionLoss());

    private static StorageException Stale => new("Stale.", new InconsistentStateException("Another wrote first."));

    [Fact]
    public async Task Repeat_OfACallToAStaleActivation_AsksAFreshOneOnce()
    {
        Assert.Equal(2, await RepeatAsync(call => call == 1 ? throw Stale : call));
    }

    [Fact]
    public async Task Repeat_OfACallToTwoStaleActivations_TellsTheCaller()
    {
        await Assert.ThrowsAsync<StorageException>(() => RepeatAsync(_ => throw Stale));
        Assert.Equal(2, _count);
    }

    [Fact]
    public async Task Repeat_OfACallThatTheClusterLost_GoesOnUntilItIsAnswered()
    {
        var asked = RepeatAsync(call => call switch
        {
            1 => throw new TimeoutException(),
            2 => throw new SiloUnavailableException(),
            _ => call,
        });

        Assert.Equal(3, await AdvanceAsync(asked));
    }

    [Fact]
    public async Task Repeat_WhileTheClusterIsSilent_EndsWithARetryTime()
    {
        var began = _clock.GetUtcNow();
        var fault = await Assert.ThrowsAsync<OrleansChatException>(() => AdvanceAsync(RepeatAsync(_ => throw new TimeoutException())));

        Assert.Equal(("upstream_unavailable", 503), (fault.Problem.Code, fault.Problem.Status));
        Assert.True(fault.Problem.RetryAfterSeconds > 0);
        Assert.InRange((_clock.GetUtcNow() - began).TotalSeconds, 12, 13);
    }

    [Fact]
    public async Task Repeat_OfACallToAFullMailbox_IsRefusedAtOnce()
    {
        var fault = await Assert.ThrowsAsync<RequestException>(() => RepeatAsync(_ => throw new LimitExceededException("full")));
        Assert.Equal((503, 1.0, 1), (fault.Problem.Status, fault.Problem.RetryAfterSeconds, _count));
    }

    [Fact]
    public async Task Repeat_OfWhatTheActorItselfRefuses_DoesNotHappen()
    {
        await Assert.ThrowsAsync<RequestException>(() => RepeatAsync(_ => throw RequestException.NotFound("turn", "t")));
        Assert.Equal(1, _count);
    }

    [Fact]
    public async Task Repeat_WhoseCallerHasGone_Ends()
    {
        using var leaving = new CancellationTokenSource();
        var asked = RepeatAsync(_ => throw new TimeoutException(), leaving.Token);
        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asked);
        Assert.Equal(1, _count);
    }

    [Fact]
    public async Task Once_WhereTheFirstCallMayHaveTakenEffect_IsNotRepeated()
    {
        var fault = await Assert.ThrowsAsync<OrleansChatException>(() => OnceAsync(_ => throw new TimeoutException()));
        Assert.Equal(1, _count);
        Assert.True(fault.Problem.RetryAfterSeconds > 0);
    }

    [Fact]
    public async Task Once_WhereTheFirstCallTookNoEffect_IsRepeatedOnce()
    {
        Assert.Equal(2, await OnceAsync(call => call == 1 ? throw Stale : call));
    }

    [Fact]
    public async Task Once_OnADrainingSilo_IsRepeatedUntilTheSessionHasMoved() =>
        Assert.Equal(3, await AdvanceAsync(OnceAsync(call => call < 3 ? throw new SiloDrainingException() : call)));

    [Fact]
    public async Task Repeat_OfACallWhoseActivationCouldNotReadItsState_TellsTheCallerAtOnce()
    {
        var fault = await Assert.ThrowsAsync<StorageException>(
            () => RepeatAsync(_ => throw new OrleansException("Activation failed.", new StorageException("The store is gone."))));
        Assert.True(fault.Problem.RetryAfterSeconds > 0);
        Assert.Equal(1, _count);
    }

    [Fact]
    public async Task Repeat_OfAnAnswerInAnotherVersionsForm_SaysThatTheVersionsDoNotFit()
    {
        var fault = await Assert.ThrowsAsync<OrleansChatException>(() => RepeatAsync(_ => throw new CodecNotFoundException("No codec.")));
        Assert.Equal(503, fault.Problem.Status);
        Assert.Contains("versions", fault.Problem.Detail, StringComparison.Ordinal);
        Assert.Equal(1, _count);
    }

    [Fact]
    public async Task Repeat_OfAFailureOfAnotherLibrary_BecomesOneOfThisProduct()
    {
        var fault = await Assert.ThrowsAsync<OrleansChatException>(() => RepeatAsync(_ => throw new InvalidOperationException("A fault.")));
        Assert.Equal(500, fault.Problem.Status);
        Assert.IsType<InvalidOperationException>(fault.InnerException);
    }

    private Task<int> RepeatAsync(Func<int, int> grain, CancellationToken cancellationToken = default) =>
        _calls.RepeatAsync(grain, CallAsync, true, cancellationToken).AsTask();

    private Task<int> OnceAsync(Func<int, int> grain) => _calls.OnceAsync(grain, CallAsync, true, default).AsTask();

    private async ValueTask<int> CallAsync(Func<int, int> grain, bool argument, CancellationToken cancellationToken)
    {
        await Task.Yield();
        return grain(Interlocked.Increment(ref _count));
    }

    private async Task<int> AdvanceAsync(Task<int> asked)
    {
        while (!asked.IsCompleted)
        {
            await TestWait.UntilAsync(() => asked.IsCompleted || _clock.ActiveTimers > 0);
            _clock.Advance(TimeSpan.FromMilliseconds(50));
        }

        return await asked;
    }
}
