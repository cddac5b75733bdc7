using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Logging;
using OrleansChat.Core.Actors;
using OrleansChat.Core.Errors;
using OrleansChat.Core.Turns;
using OrleansChat.Core.Turns.Streaming;
using OrleansChat.Core.Turns.Summaries;

namespace OrleansChat.Core.Sessions.Running;

/// <summary>
/// Keeps the summary of a long chat, beside its turns: one is written when a turn had to leave messages out that are in none yet. Without
/// one, or where it fails, the next turn tells the model that the beginning is missing.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "Its token source has neither a timer nor a wait handle.")]
internal sealed partial class SessionSummaries(SessionStore store, IActorContext context, Summarizer summarizer, bool isEnabled, ILogger logger)
    : ITurnEvents
{
    private CancellationTokenSource? _stop;
    private PackedPieces? _text;
    private Task _writing = Task.CompletedTask;

    /// <summary>Begins to write, unless one is being written.</summary>
    /// <param name="plan">The turn that left messages out.</param>
    public void Begin(TurnPlan plan)
    {
        if (!isEnabled || !_writing.IsCompleted)
            return;

        _stop = new CancellationTokenSource();
        _text = new PackedPieces();
        _writing = WriteAsync(plan, store.Head.Leaf, _stop.Token);
    }

    /// <summary>Stops the upstream call at once and waits until what it used is settled.</summary>
    public async Task StopAsync()
    {
        if (_stop is not null)
            await _stop.CancelAsync();
        await _writing;
    }

    /// <inheritdoc/>
    public ValueTask AppendAsync(TurnEvent shown)
    {
        if (shown is TurnDelta delta)
            _text?.Append(delta.Text);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public string ReadAnswer() => _text?.ToString() ?? "";

    /// <inheritdoc/>
    public ValueTask ReserveAsync(ReservedAttempt reserved) => ValueTask.CompletedTask;

    /// <inheritdoc/>
    public ValueTask ForgetAsync(bool hedge) => ValueTask.CompletedTask;

    /// <inheritdoc/>
    public ValueTask RestartAsync(int attempt) => ValueTask.CompletedTask;

    /// <inheritdoc/>
    public void KeepAlive() => context.DelayDeactivation(2 * LeaseRenewal.Period);

    private async Task WriteAsync(TurnPlan plan, string? leaf, CancellationToken stop)
    {
        await Task.Yield();
        try
        {
            var work = new SummaryWork { Plan = plan, Path = store.Messages.WalkBackAsync(leaf, stop), Before = store.Head.Summary };
            if (await summarizer.WriteAsync(work, this, stop) is { } summary && !stop.IsCancellationRequested)
            {
                store.Head.Summary = summary;
                await store.FlushAsync();
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The session ends here or moves on; a later turn asks again.
        }
        catch (OrleansChatException refusal)
        {
            LogNotWritten(store.Id, refusal.Problem.Code);
        }
        catch (Exception fault)
        {
            LogFailed(store.Id, fault);
        }
        finally
        {
            _text = null;
        }
    }

    [LoggerMessage(306, LogLevel.Information, "No summary of session {Session} was written: {Code}")]
    private partial void LogNotWritten(string session, string code);

    [LoggerMessage(307, LogLevel.Warning, "The summary of session {Session} failed")]
    private partial void LogFailed(string session, Exception fault);
}
