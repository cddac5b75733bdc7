namespace OrleansChat.Core.Actors;

/// <summary>
/// Group commit for one actor: callers mutate the state synchronously and then await a flush. While a write is in flight, all later
/// callers share the next one. Used on the actor's own scheduler only, so it needs no lock.
/// </summary>
/// <param name="save">Writes the state as it is at the call.</param>
/// <param name="failed">Told of a write that failed: memory is then ahead of the store, so the activation must end.</param>
public sealed class StateFlush(Func<CancellationToken, ValueTask> save, Action failed)
{
    private bool _writing;
    private Task _last = Task.CompletedTask;
    private TaskCompletionSource? _next;

    /// <summary>Whether a write is in flight.</summary>
    public bool IsWriting => _writing;

    /// <summary>Completes when everything that was changed before this call is durable.</summary>
    /// <returns>A task that all callers of one write share.</returns>
    /// <exception cref="Errors.StorageException">The write failed; the change is not acknowledged.</exception>
    public Task FlushAsync()
    {
        if (!_writing)
            return _last = WriteAsync();

        _next ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        return _next.Task;
    }

    /// <summary>Completes when the writes that are under way or due at this moment have ended, well or not.</summary>
    /// <returns>A task that does not fail.</returns>
    public async Task WaitAsync() =>
        await (_next?.Task ?? _last).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);

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
            if (_next is { } next)
            {
                _next = null;
                _last = WriteForAsync(next);
            }
        }
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
