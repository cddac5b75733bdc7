using OrleansChat.Core.Costs;
using OrleansChat.Testing;

namespace OrleansChat.Core.Tests.Costs.Ledgers;

/// <summary>A ledger whose hosts die one after the other, and whose callers repeat what was not answered.</summary>
/// <param name="world">What outlives them.</param>
/// <param name="random">Says when they die.</param>
/// <param name="retentionDays">For how many days settlements are kept one by one.</param>
/// <param name="zone">The time zone of days.</param>
/// <param name="mostWrites">One that is to die does so before so many writes.</param>
internal sealed class MortalLedger(LedgerWorld world, Random random, int retentionDays, string zone, int mostWrites)
{
    private LedgerHost _host = null!;

    /// <summary>How many hosts have died.</summary>
    public int Crashes { get; private set; }

    /// <summary>Whether the host that lives has asked for its own end.</summary>
    public bool IsEnding => _host.IsEnding;

    /// <summary>Starts a host.</summary>
    public async Task OpenAsync()
    {
        _host = new LedgerHost(world, retentionDays, zone);
        await _host.RunAsync(async tracker =>
        {
            await tracker.ActivateAsync(default);
            return true;
        });
    }

    /// <summary>The host is to die at one of its next writes.</summary>
    public void Doom() => _host.DieAt(random.Next(1, mostWrites), written: random.Next(2) == 0);

    /// <summary>From here on a host lives that is not to die.</summary>
    public async Task SpareAsync()
    {
        _host.Spare();
        if (_host.Dead.IsCompleted)
            await CrashedAsync();

        _host.Spare();
    }

    /// <summary>Calls until a host lives to answer.</summary>
    /// <param name="call">The call.</param>
    /// <returns>The answer.</returns>
    public async Task<T> CallAsync<T>(Func<CostTrackerActor, ValueTask<T>> call)
    {
        while (true)
        {
            var host = _host;
            var answer = host.RunAsync(call);
            if (await Task.WhenAny(answer, host.Dead) == answer && !host.Dead.IsCompleted)
                return await answer;

            await CrashedAsync();
        }
    }

    /// <summary>As <see cref="CallAsync{T}"/>, without an answer.</summary>
    /// <param name="call">The call.</param>
    public async Task CallAsync(Func<CostTrackerActor, Task> call) => await CallAsync(async tracker =>
    {
        await call(tracker);
        return true;
    });

    /// <summary>Reads the entries of a period from a host that lives.</summary>
    public Task<List<LedgerEntry>> ReadAsync(DateTimeOffset from, DateTimeOffset to) =>
        _host.RunAsync(async tracker => await LedgerWorld.ReadAsync(tracker, from, to));

    /// <summary>Has a host end in order, and another one follow.</summary>
    public async Task EndInOrderAsync()
    {
        await SpareAsync();
        await _host.RunAsync(async tracker =>
        {
            await tracker.DeactivateAsync(default);
            return true;
        });
        await OpenAsync();
    }

    /// <summary>Lets everything run that can.</summary>
    public async Task IdleAsync()
    {
        await _host.SettleDownAsync();
        if (_host.Dead.IsCompleted)
            await CrashedAsync();
    }

    /// <summary>Waits for what a host does in the background.</summary>
    /// <param name="isDone">Whether it is done.</param>
    public Task UntilAsync(Func<bool> isDone) => TestWait.UntilAsync(async () =>
    {
        await _host.SettleDownAsync();
        return isDone();
    });

    private async Task CrashedAsync()
    {
        Crashes++;

        // In an upgrade an older version may take over for a while.
        if (random.Next(8) == 0)
            await world.ForgetCondensedAsync();

        await OpenAsync();
        if (random.Next(2) == 0)
            Doom();
    }
}
