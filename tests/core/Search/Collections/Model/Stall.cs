using OrleansChat.Core.Search.Migrations;
using OrleansChat.Testing;

namespace OrleansChat.Core.Tests.Search.Collections.Model;

/// <summary>A worker on migrations that may stand still before any of its steps, for longer than its lease and until it is woken.</summary>
/// <param name="clock">Goes on meanwhile.</param>
/// <param name="model">Told of it.</param>
/// <param name="random">Says when.</param>
internal sealed class Stall(FakeClock clock, DocumentModel model, Random random)
{
    private const int Steps = 40;

    private readonly Lock _gate = new();
    private TaskCompletionSource? _woken;
    private bool _isOver;

    /// <summary>Whether it stands still.</summary>
    public bool IsStanding
    {
        get
        {
            lock (_gate)
                return _woken is not null;
        }
    }

    /// <summary>From here on it may stand still.</summary>
    public void Begin()
    {
        lock (_gate)
            _isOver = false;
    }

    /// <summary>From here on it does not stand still any more; if it does, it stays so until it is woken.</summary>
    public void End()
    {
        lock (_gate)
            _isOver = true;
    }

    /// <summary>Lets it go on.</summary>
    public void Wake()
    {
        TaskCompletionSource? woken;
        lock (_gate)
            (woken, _woken) = (_woken, null);
        if (woken is null)
            return;
        model.Note(" * a worker wakes");
        woken.SetResult();
    }

    /// <summary>Awaited before a step.</summary>
    /// <param name="step">What it is about to do.</param>
    public Task PassAsync(string step)
    {
        lock (_gate)
        {
            if (_isOver || _woken is not null || random.Next(Steps) != 0)
                return Task.CompletedTask;
            _woken = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            model.Note($" * a worker stands still before {step}");
            clock.Advance(MigrationLedger.LeaseTime);
            return _woken.Task;
        }
    }
}
