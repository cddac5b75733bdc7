using System.Collections.Concurrent;
using OrleansChat.Core.Costs.Alerts;

namespace OrleansChat.Contract.Tests.Hosting;

/// <summary>A channel that remembers what it took.</summary>
public sealed class RecordedAlerts : IBudgetAlertChannel
{
    private readonly ConcurrentQueue<BudgetAlert> _taken = new();
    private int _refused;

    /// <summary>What was taken, in order.</summary>
    public IReadOnlyCollection<BudgetAlert> Taken => _taken;

    /// <summary>How often something was refused.</summary>
    public int Refused => Volatile.Read(ref _refused);

    /// <summary>Whether it takes nothing.</summary>
    public bool IsDown { get; set; }

    /// <summary>Forgets everything.</summary>
    public void Clear()
    {
        _taken.Clear();
        (_refused, IsDown) = (0, false);
    }

    public ValueTask SendAsync(BudgetAlert alert, CancellationToken cancellationToken)
    {
        if (IsDown)
        {
            Interlocked.Increment(ref _refused);
            throw new HttpRequestException("The receiver is down.");
        }

        _taken.Enqueue(alert);
        return ValueTask.CompletedTask;
    }
}
