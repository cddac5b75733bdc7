using OrleansChat.Core.RateLimiting;
using OrleansChat.Testing;

namespace OrleansChat.Bench.Accuracy;

/// <summary>What goes wrong: callers die between two scopes or leave, and the process or a silo is killed in the middle of everything.</summary>
/// <param name="callers">The callers.</param>
/// <param name="size">How many there are.</param>
/// <param name="random">What everything is drawn from.</param>
/// <param name="clock">The clock.</param>
/// <param name="checks">Told of everything.</param>
internal sealed class AccuracyFaults(AccuracyCallers callers, AccuracySize size, Random random, FakeClock clock, AccuracyChecks checks)
{
    /// <summary>How long a burst goes on before it is killed, at most, in times of the host's pace.</summary>
    private const int BurstPaces = 4;

    /// <summary>
    /// The clock slows down from second to second: where it runs away from callers on a busy machine, their tentative places vanish before they have asked all scopes, again and
    /// again.
    /// </summary>
    private const double Slowing = 1.02;

    private long Now => clock.GetTimestamp();

    /// <summary>
    /// Callers die between two scopes; others who come then wait, some leave, and none is refused for nothing or let in too many.
    /// </summary>
    /// <returns>A task.</returns>
    public async Task DieWhileAskingAsync()
    {
        var dead = callers.DrawMany(3);
        foreach (var call in dead)
            callers.Host.Deaths.Doom(call.Request.OperationId, random.Next(1, 9));

        var others = callers.DrawMany(size.Callers - 1);
        others.AddRange(Enumerable.Range(0, random.Next(4)).Select(_ => callers.Draw(hangUp: TimeSpan.FromSeconds(random.Next(1, 8)))));
        await WhileTimePassesAsync(callers.TogetherAsync(dead.Concat(others), callers.AskAsync));
        dead.ForEach(call => callers.Host.Deaths.Spare(call.Request.OperationId));

        List<Call> all = [.. others, .. dead];
        await AdmissionsAsync(all);

        // What the dead held stands until its tentative lease is over.
        clock.Advance(RateLimitRequest.TentativeLease);
        await callers.RouteAsync(all);
    }

    /// <summary>Callers wait for their keys' limits, and some leave before they are let in.</summary>
    /// <returns>A task.</returns>
    public async Task WaitAsync()
    {
        var calls = Enumerable.Range(0, random.Next(1, size.Callers + 1)).Select(_ => callers.Draw(
            maxWait: TimeSpan.FromSeconds(random.Next(1, 70)), hangUp: random.Next(6) == 0 ? TimeSpan.FromSeconds(random.Next(1, 30)) : null)).ToList();
        await WhileTimePassesAsync(callers.TogetherAsync(calls, callers.AskAsync));
        checks.Limits.Waits(calls, Now);
        await checks.Money.AdmissionsAsync(callers.Host, calls, Now);
        await callers.RouteAsync(calls);
    }

    /// <summary>Callers leave at the very moment in which they are let in or refused.</summary>
    /// <returns>A task.</returns>
    public async Task HangUpAsync()
    {
        var calls = Enumerable.Range(0, random.Next(1, size.Callers + 1)).Select(_ => callers.Draw(hangUp: TimeSpan.FromHours(1))).ToList();
        await callers.TogetherAsync(calls, call => Task.WhenAll(callers.AskAsync(call), call.HangUp!.CancelAsync()));
        await AdmissionsAsync(calls);
        await callers.RouteAsync(calls);
    }

    /// <summary>The process, or a silo, dies in the middle of a burst, and another starts.</summary>
    /// <param name="step">The step of the run.</param>
    /// <returns>A task.</returns>
    public async Task KillAsync(int step)
    {
        var calls = callers.DrawMany(size.Callers);
        var usages = callers.Open.Where(call => call.Target is not null && random.Next(3) == 0).ToDictionary(call => call, callers.UsageOf);

        // Those of now: whoever begins late on a busy machine must not come to the next process, where nobody knows of him.
        var gateways = callers.Host.Gateways;
        var enough = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var heard = random.Next(0, calls.Count + 1);
        callers.Host.Doom();
        var asking = calls.Select(call => Task.Run(async () =>
        {
            await callers.AskAsync(call, gateways);
            if (Interlocked.Decrement(ref heard) <= 0)
                enough.TrySetResult();
        })).ToList();
        var settling = usages.Select(one => Task.Run(() =>
            gateways[one.Key.Gateway].Admission.SettleAsync(one.Key.Grant!, one.Value, one.Key.Target!.Value, default).AsTask())).ToList();

        await Task.WhenAny(enough.Task, Task.Delay(callers.Host.Pace * BurstPaces));
        await callers.Host.KillAsync();
        if (callers.Host.GatewaysDie)
            calls.ForEach(NeverHear);

        await callers.Host.RestartAsync();
        if (!callers.Host.GatewaysDie)
            await callers.TogetherAsync(asking.Concat(settling), task => task);

        checks.Killed(Now, step);

        // An activation finds out that the one before it was killed when it begins: from then on its windows and leases are counted.
        await checks.Scopes.WakeAsync(callers.Host);
        callers.Open.AddRange(calls.Where(call => call.State == CallState.Open));

        // Whether their settlement took hold is not known, so they repeat it.
        foreach (var (call, usage) in usages)
            await callers.SettleAsync(call, usage, times: 1);

        callers.Open.RemoveAll(call => call.State != CallState.Open);

        // Only now is everything known that made room.
        checks.Limits.Overshoots(calls, Now);
    }

    /// <summary>Whoever has not heard by now never will.</summary>
    private void NeverHear(Call call)
    {
        lock (call)
        {
            if (call.State == CallState.Asking)
                checks.Answered(call, null, hungUp: false, Now);
        }
    }

    private Task AdmissionsAsync(List<Call> calls)
    {
        checks.Limits.Admissions(calls, Now);
        return checks.Money.AdmissionsAsync(callers.Host, calls, Now);
    }

    private async Task WhileTimePassesAsync(Task asking)
    {
        for (var pace = callers.Host.Pace; !asking.IsCompleted; pace *= Slowing)
        {
            await Task.WhenAny(asking, Task.Delay(pace));
            if (!asking.IsCompleted)
                clock.Advance(TimeSpan.FromSeconds(1));
        }

        await asking;
    }
}
