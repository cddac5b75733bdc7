using System.Collections.Concurrent;
using OrleansChat.Core.Actors;
using OrleansChat.Core.RateLimiting;
using OrleansChat.Testing;
using OrleansChat.Testing.Actors;

namespace OrleansChat.Contract.Tests.Hosting;

/// <summary>
/// Moves the clock no faster than those who wait in a limiter's line can follow. Each of their calls ends after a second of the clock, and the
/// next must have come before the clock goes on: a place is kept for a while only.
/// </summary>
/// <param name="clock">The clock.</param>
/// <param name="actors">The actors.</param>
internal sealed class WaitingCalls(FakeClock clock, IActorDirectory actors)
{
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LongestCall = TimeSpan.FromSeconds(1);

    /// <summary>What a caller needs at least of real time to go on.</summary>
    private static readonly TimeSpan LeastPause = TimeSpan.FromMilliseconds(1);

    /// <summary>
    /// What each step of the clock waits for a call that should have ended. One that came late ends some steps later, and has to before a cluster's time for an answer is over, which is
    /// real; a caller who is late himself has a place for forty steps more.
    /// </summary>
    private static readonly TimeSpan MostPause = TimeSpan.FromMilliseconds(300);

    private readonly ConcurrentDictionary<string, (string Scope, long At)> _waiting = new(StringComparer.Ordinal);

    /// <summary>The actors as those who wait see them.</summary>
    public IActorDirectory Actors => field ??= new InterceptedActors(actors, NoteAsync);

    /// <summary>An operation waits no more.</summary>
    /// <param name="operationId">The operation.</param>
    public void End(string operationId) => _waiting.TryRemove(operationId, out _);

    /// <summary>Waits until somebody stands in a scope's line: then even a request without limits is refused.</summary>
    /// <param name="scope">The scope.</param>
    /// <returns>A task.</returns>
    public async Task InLineAsync(string scope)
    {
        var anything = new RateLimitRequest { OperationId = "probe", Limits = new RateLimits { MaxConcurrent = 1_000 } };
        await TestWait.UntilAsync(async () => !(await actors.RateLimiter(scope).PeekAsync(anything, default)).Admitted);
    }

    /// <summary>Lets time pass until a task has ended.</summary>
    /// <param name="task">The task.</param>
    /// <returns>A task.</returns>
    /// <exception cref="TimeoutException">It has not after an hour of the clock, which is longer than anybody waits.</exception>
    public async Task UntilAsync(Task task)
    {
        var end = clock.GetUtcNow() + TimeSpan.FromHours(1);
        while (!task.IsCompleted)
        {
            if (clock.GetUtcNow() > end)
                throw new TimeoutException("The task did not end.");

            await PassAsync(Step);
        }
    }

    /// <summary>Lets time pass.</summary>
    /// <param name="time">How much.</param>
    /// <returns>A task.</returns>
    public async Task PassAsync(TimeSpan time)
    {
        for (var passed = TimeSpan.Zero; passed < time; passed += Step)
        {
            clock.Advance(Step);
            var now = clock.GetTimestamp();
            await SpinAsync(LeastPause, () => false);
            foreach (var (operation, call) in _waiting.Where(one => now - one.Value.At >= LongestCall.Ticks))
                await SpinAsync(MostPause, () => _waiting.GetValueOrDefault(operation) != call);

            // A round trip to the same actors: what was asked before it has arrived.
            foreach (var scope in _waiting.Values.Select(call => call.Scope).Distinct())
                await actors.RateLimiter(scope).DescribeAsync(RateLimits.None, default);
        }
    }

    private static async Task SpinAsync(TimeSpan time, Func<bool> isEnough)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (!isEnough() && TimeProvider.System.GetElapsedTime(began) < time)
            await Task.Yield();
    }

    private ValueTask NoteAsync(ActorCall call)
    {
        if (call.Method == nameof(IRateLimiterActor.WaitAsync))
            _waiting[call.OperationId] = (call.Scope, clock.GetTimestamp());
        else
            End(call.OperationId);

        return default;
    }
}
