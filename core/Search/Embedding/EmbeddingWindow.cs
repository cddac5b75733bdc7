using OrleansChat.Core.Errors;

namespace OrleansChat.Core.Search.Embedding;

/// <summary>
/// The calls to a model that one upload or migration has under way: several at a time, so that the upstream is kept busy. A call that there was no room
/// for beside the others is made once more by itself, so limits slow an upload down and do not fail it for what it did itself.
/// </summary>
/// <param name="width">How many at a time, at least 1.</param>
internal sealed class EmbeddingWindow(int width) : IDisposable
{
    private readonly SemaphoreSlim _places = new(width);
    private readonly SemaphoreSlim _alone = new(1);

    /// <summary>How many calls at a time.</summary>
    public int Width => width;

    /// <summary>Makes a call when it is its turn.</summary>
    /// <param name="call">The call; made twice at most.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Its result.</returns>
    public async Task<T> RunAsync<T>(Func<Task<T>> call, CancellationToken cancellationToken)
    {
        await _places.WaitAsync(cancellationToken);
        try
        {
            return await call();
        }
        catch (OrleansChatException refused) when (width > 1 && MayFitAlone(refused))
        {
        }
        finally
        {
            _places.Release();
        }

        return await RunAloneAsync(call, cancellationToken);
    }

    /// <summary>Only when no call is under way.</summary>
    public void Dispose()
    {
        _places.Dispose();
        _alone.Dispose();
    }

    // A limit or a budget that the others' reservations fill, and a breaker that lets one of them try.
    private static bool MayFitAlone(OrleansChatException refused) =>
        refused.Problem.Code == ProblemCode.RateLimited.Name || refused.Problem.Code == ProblemCode.BudgetExceeded.Name
        || refused.Problem.Code == ProblemCode.UpstreamUnavailable.Name;

    private async Task<T> RunAloneAsync<T>(Func<Task<T>> call, CancellationToken cancellationToken)
    {
        // One collects all places at a time: two would wait for each other's.
        await _alone.WaitAsync(cancellationToken);
        var places = 0;
        try
        {
            for (; places < width; places++)
                await _places.WaitAsync(cancellationToken);
            return await call();
        }
        finally
        {
            if (places > 0)
                _places.Release(places);
            _alone.Release();
        }
    }
}
