using OrleansChat.Core.Costs;
using OrleansChat.Testing.Actors;

namespace OrleansChat.Core.Tests.Costs.Ledgers;

/// <summary>One activation of a ledger, which can die at a write.</summary>
internal sealed class LedgerHost
{
    private readonly ActorScheduler _scheduler = new();
    private readonly CostTrackerActor _tracker;
    private readonly InMemoryActorContext _context;
    private readonly TaskCompletionSource _dead = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _writesLeft = int.MaxValue;
    private bool _written;

    public LedgerHost(LedgerWorld world, int retentionDays, string zone)
    {
        (_tracker, _context) = world.Make(retentionDays, zone);
        world.Store.BeforeWrite = _ =>
        {
            Count(_written);
            return Task.CompletedTask;
        };
        world.Store.AfterWrite = _ => Count(!_written);
    }

    /// <summary>Completes when it dies.</summary>
    public Task Dead => _dead.Task;

    /// <summary>Whether it asked for its own end.</summary>
    public bool IsEnding => _context.IsDeactivationRequested;

    /// <summary>Lets it die at one of its next writes: before it takes effect, or after it, unheard.</summary>
    public void DieAt(int write, bool written) => (_writesLeft, _written) = (write, written);

    /// <summary>Lets it live.</summary>
    public void Spare() => _writesLeft = int.MaxValue;

    public Task<T> RunAsync<T>(Func<CostTrackerActor, ValueTask<T>> call) => _scheduler.RunAsync(() => call(_tracker));

    /// <summary>Lets everything run that can.</summary>
    public async Task SettleDownAsync()
    {
        for (var hop = 0; hop < 100 && !Dead.IsCompleted; hop++)
            await _scheduler.RunAsync(() => default);
    }

    private void Count(bool isOther)
    {
        if (isOther || _writesLeft == int.MaxValue || --_writesLeft != 0)
            return;

        _context.Kill();
        _dead.TrySetResult();
    }
}
