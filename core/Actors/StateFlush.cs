namespace OrleansChat.Core.Actors;

/// <summary>
/// Group commit for one actor: callers mutate the state synchronously and then await a flush. While a write is in flight, all later
/// callers share the next one. Used on the actor's own scheduler only, so it needs no lock.
/// </summary>
/// <param name="save">Writes the state as it is at the call.</param>
/// <param name="failed">Told of a write that failed: memory is then ahead of the store, so the activation must end.</param>
/// <param name="pause">How long a write for which nobody waits is put off, for others to share it; null for not at all.</param>
public sealed class StateFlush(Func<CancellationToken, ValueTask> save, Action failed, Func<Task>? pause = null)
{
    private bool _writing;
    private bool _isAwaited;
    private bool _isHurried;
    private Task _last = Task.CompletedTask;
    private TaskCompletionSource? _next;

    /// <summary>Whether a write is in flight or due.</summary>
    public bool IsWriting => _writing || _next is not null;

    /// <summary>Completes when everything that was changed before this call is durable.</summary>
    /// <returns>A task that all callers of one write share.</returns>
    /// <exception cref="Errors.StorageException">The write failed; the change is not acknowledged.</exception>
    public Task FlushAsync()
    {
        if (!IsWriting)
            return _last = WriteAsync();

        var next = _next ??= NewSignal();
        if (_writing)
            _isAwaited = true;
        else
            WriteNext();

        return next.Task;
    }

    /// <summary>As <see cref="FlushAsync"/>, for a caller whom nobody waits for: the write is put off for a pause, unless somebody needs it before.</summary>
    /// <returns>A task that all callers of one write share.</returns>
    /// <exception cref="Errors.StorageException">The write failed; the change is not acknowledged.</exception>
    public Task FlushSoonAsync()
    {
        if (pause is null || _isHurried)
            return FlushAsync();

        if (_next is { } due)
            return due.Task;

        var next = _next = NewSignal();
        if (!_writing)
            _ = PauseAsync(pause);

        return next.Task;
    }

    /// <summary>Puts nothing off any longer: what is due is written now.</summary>
    public void Hurry()
    {
        _isHurried = true;
        if (_next is not null && !_writing)
            WriteNext();
    }

    /// <summary>Completes when the writes that are under way or due at this moment have ended, well or not.</summary>
    /// <returns>A task that does not fail.</returns>
    public async Task WaitAsync() =>
        await (_next?.Task ?? _last).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private async Task WriteAsync()
    {
        _writing = true;
        try
        {
            // No caller's token: the write belongs to all who share it.
            await save(CancellationToken.None);
        }
        catch
        {
            failed();
            throw;
        }
        finally
        {
            _writing = false;
            if (_next is not null)
            {
                if (_isAwaited || _isHurried || pause is null)
                    WriteNext();
                else
                    _ = PauseAsync(pause);
            }
        }
    }

    private async Task PauseAsync(Func<Task> pause)
    {
        var due = _next;
        await pause();

        // Whoever could not wait has written it, and what is due by now is another one.
        if (ReferenceEquals(_next, due))
            WriteNext();
    }

    private void WriteNext()
    {
        var next = _next!;
        _next = null;
        _isAwaited = false;
        _last = WriteForAsync(next);
    }

    private async Task WriteForAsync(TaskCompletionSource waiting)
    {
        try
        {
            await WriteAsync();
            waiting.SetResult();
        }
        catch (Exception fault)
        {
            waiting.SetException(fault);
        }
    }
}
