using System.Diagnostics.CodeAnalysis;
using OrleansChat.Core.Actors;
using OrleansChat.Core.Sessions.TurnLogs;
using OrleansChat.Core.Turns;
using OrleansChat.Core.Turns.Streaming;

namespace OrleansChat.Core.Sessions.Running;

/// <summary>A turn of this activation: its log, its numbers, and what stops it. Kept after its end until the next turn begins.</summary>
[SuppressMessage("Design", "CA1001", Justification = "Its token source has neither a timer nor a wait handle, and readers may outlive the turn.")]
internal sealed class RunningTurn(IActorContext context, SessionStore store, OpenTurn open, long allowed) : ITurnEvents
{
    private readonly CancellationTokenSource _stop = new();

    /// <summary>Its id.</summary>
    public string TurnId => open.TurnId;

    /// <summary>Its events.</summary>
    public TurnLog Log { get; } = new();

    /// <summary>How far its numbers may go.</summary>
    public SequenceAllowance Allowance { get; } = new(context, open.TurnId, allowed, store.FlushAsync);

    /// <summary>Cancelled when it is stopped for whatever reason.</summary>
    public CancellationToken Stop => _stop.Token;

    /// <summary>Whether it was stopped because this activation ends: it stays open on record.</summary>
    public bool IsAbandoned { get; private set; }

    /// <summary>The turn as it is stored; null once it has ended.</summary>
    private OpenTurn? OnRecord => store.Head.Open is { } stored && stored.TurnId == TurnId ? stored : null;

    /// <summary>Stops the upstream call at once.</summary>
    public Task CancelAsync() => _stop.CancelAsync();

    /// <summary>Leaves it to another activation.</summary>
    public Task AbandonAsync()
    {
        IsAbandoned = true;
        Log.Abandon();
        return _stop.CancelAsync();
    }

    /// <inheritdoc/>
    public async ValueTask AppendAsync(TurnEvent shown)
    {
        await Allowance.UseAsync(Log.LastSequence + 1);
        Log.Append(shown);
    }

    /// <inheritdoc/>
    public string ReadAnswer() => Log.ReadAnswer();

    /// <inheritdoc/>
    public async ValueTask ReserveAsync(ReservedAttempt reserved)
    {
        if (OnRecord is { } current)
        {
            store.Head.Open = reserved.IsHedge ? current with { Hedge = reserved } : current with { Reserved = reserved, Hedge = null };
            await store.FlushAsync();
        }
    }

    /// <inheritdoc/>
    public async ValueTask ForgetAsync(bool hedge)
    {
        if (OnRecord is { } current)
        {
            store.Head.Open = hedge ? current with { Hedge = null } : current with { Reserved = null };
            await store.FlushAsync();
        }
    }

    /// <inheritdoc/>
    public async ValueTask RestartAsync(int attempt)
    {
        var sequence = Log.LastSequence + 1;
        await Allowance.UseAsync(sequence);
        if (OnRecord is { } current)
        {
            store.Head.Open = current with { Attempt = attempt, Reserved = null, Hedge = null, Restarts = [.. current.Restarts, new RecordedRestart(sequence, attempt)] };
            await store.FlushAsync();
        }

        Log.Append(new TurnRestarted(attempt));
    }

    /// <inheritdoc/>
    public void KeepAlive() => context.DelayDeactivation(2 * LeaseRenewal.Period);
}
