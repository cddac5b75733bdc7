using System.Runtime.ExceptionServices;
using OrleansChat.Core.Errors;

namespace OrleansChat.Core.Admission;

/// <summary>Calls of several actors at once. Those that complete at once cost nothing.</summary>
internal sealed class PendingCalls
{
    private List<Task>? _running;

    /// <summary>Adds a call without a result.</summary>
    /// <param name="call">The call, already begun.</param>
    public void Add(ValueTask call)
    {
        if (!call.IsCompletedSuccessfully)
            (_running ??= []).Add(call.AsTask());
    }

    /// <summary>Adds a call whose result does not matter.</summary>
    /// <param name="call">The call, already begun.</param>
    public void Add(ValueTask<bool> call)
    {
        if (!call.IsCompletedSuccessfully)
            (_running ??= []).Add(call.AsTask());
    }

    /// <summary>Adds a call whose failure does not matter.</summary>
    /// <param name="call">The call, already begun.</param>
    public void AddQuietly(ValueTask call)
    {
        if (!call.IsCompletedSuccessfully)
            (_running ??= []).Add(QuietlyAsync(call));
    }

    /// <summary>Completes when all have.</summary>
    /// <returns>A task that fails as the first failed call did.</returns>
    public Task WhenAllAsync() => _running switch
    {
        null => Task.CompletedTask,
        [var only] => only,
        _ => AllAsync(_running),
    };

    // One after the other: calls whose entries share a flush end together, so whoever was told of one finds the others ended and is not told of each.
    private static async Task AllAsync(List<Task> running)
    {
        ExceptionDispatchInfo? first = null;
        foreach (var call in running)
        {
            try
            {
                await call;
            }
            catch (Exception fault)
            {
                first ??= ExceptionDispatchInfo.Capture(fault);
            }
        }

        first?.Throw();
    }

    private static async Task QuietlyAsync(ValueTask call)
    {
        try
        {
            await call;
        }
        catch (OrleansChatException)
        {
            // The failure that matters is another one.
        }
    }
}
