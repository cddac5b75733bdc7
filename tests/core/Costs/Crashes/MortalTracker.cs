using Microsoft.Extensions.Logging.Abstractions;
using OrleansChat.Core.Costs;
using OrleansChat.Core.Settings;
using OrleansChat.Core.Tests.Sessions;
using OrleansChat.Testing;
using OrleansChat.Testing.Actors;

namespace OrleansChat.Core.Tests.Costs.Crashes;

/// <summary>One activation of a cost tracker, which can die at a write.</summary>
internal sealed class MortalTracker
{
    private readonly ActorScheduler _scheduler = new();
    private readonly InMemoryActorContext _context;
    private readonly TaskCompletionSource _dead = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _writesLeft = int.MaxValue;
    private bool _written;

    public MortalTracker(InMemoryStore store, FakeClock clock)
    {
        _context = new InMemoryActorContext(store, "costs", "k", new SessionWorld());
        store.BeforeWrite = key =>
        {
            if (!_written && _writesLeft != int.MaxValue && --_writesLeft == 0)
                Die(key);

            return Task.CompletedTask;
        };
        store.AfterWrite = key =>
        {
            if (_written && _writesLeft != int.MaxValue && --_writesLeft == 0)
                Die(key);
        };
        Tracker = new CostTrackerActor(
            _context, _context.MainState<CostTrackerState>(), clock, new TestOptions<OrleansChatOptions>(new OrleansChatOptions()), [], NullLogger<CostTrackerActor>.Instance);
    }

    public CostTrackerActor Tracker { get; }

    /// <summary>Completes when it dies.</summary>
    public Task Dead => _dead.Task;

    public string LastWrite { get; private set; } = "";

    /// <summary>Lets it die at one of its next writes: before it takes effect, or after it, unheard.</summary>
    public void DieAt(int write, bool written) => (_writesLeft, _written) = (write, written);

    /// <summary>Lets it live.</summary>
    public void Spare() => _writesLeft = int.MaxValue;

    public Task<T> RunAsync<T>(Func<CostTrackerActor, ValueTask<T>> call) => _scheduler.RunAsync(() => call(Tracker));

    /// <summary>Lets everything run that can.</summary>
    public async Task SettleDownAsync()
    {
        for (var hop = 0; hop < 20 && !Dead.IsCompleted; hop++)
            await _scheduler.RunAsync(() => default);
    }

    private void Die(string key)
    {
        LastWrite = $"{key}, {(_written ? "after" : "before")}";
        _context.Kill();
        _dead.TrySetResult();
    }
}
