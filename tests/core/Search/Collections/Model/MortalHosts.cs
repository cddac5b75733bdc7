using OrleansChat.Core.Errors;

namespace OrleansChat.Core.Tests.Search.Collections.Model;

/// <summary>Hosts over one world that die one after the other; there is always one that lives.</summary>
/// <param name="world">What outlives them.</param>
/// <param name="model">Told of their deaths.</param>
/// <param name="random">Says how they end.</param>
/// <param name="stalls">What keeps the workers of each from their steps.</param>
internal sealed class MortalHosts(SearchWorld world, DocumentModel model, Random random, IReadOnlyList<Stall> stalls)
{
    private readonly SemaphoreSlim _opening = new(1);
    private MortalSearch _host = null!;
    private bool _isCalm;

    /// <summary>The host that lives.</summary>
    public MortalSearch Living => Volatile.Read(ref _host);

    /// <summary>Something may go wrong soon: the host dies or a write fails.</summary>
    /// <param name="lot">Says what.</param>
    public void Doom(Random lot)
    {
        if (lot.Next(3) == 0)
            Living.Fate.FailAt(lot.Next(1, 5), lot.Next(2) == 0);
        else
            Living.Fate.DieAt(lot.Next(1, 8), lot.Next(2) == 0);
    }

    /// <summary>Calls the host that lives.</summary>
    /// <param name="call">The call.</param>
    /// <param name="cancellationToken">Ends the caller's patience.</param>
    /// <returns>The answer; null when there was none, be it that the host died, something failed or patience ended.</returns>
    public async Task<T?> CallAsync<T>(Func<MortalSearch, CancellationToken, Task<T>> call, CancellationToken cancellationToken = default)
        where T : struct
    {
        var host = Living;
        var answer = Task.Run(() => call(host, cancellationToken), CancellationToken.None);
        await Task.WhenAny(answer, host.Fate.Dead);
        if (host.Fate.IsDead)
        {
            // The dead tell nothing, not even what went wrong.
            await ReplaceAsync(host);
            return null;
        }

        try
        {
            return await answer;
        }
        catch (Exception failure) when (
            failure is StorageException or UpstreamException
            || (failure is OperationCanceledException or OrleansChatException && cancellationToken.IsCancellationRequested))
        {
            return null;
        }
    }

    /// <summary>From here on nothing goes wrong.</summary>
    public async Task CalmAsync()
    {
        _isCalm = true;
        Living.Fate.Spare();
        if (Living.Fate.IsDead)
            await ReplaceAsync(Living);
    }

    /// <summary>From here on anything may go wrong again.</summary>
    public void Resume() => _isCalm = false;

    /// <summary>Lets the host die where it stands, and another one follow.</summary>
    public async Task RestartAsync()
    {
        var host = Living;
        host.Fate.Die();
        await ReplaceAsync(host);
    }

    /// <summary>Opens the first host.</summary>
    public Task OpenAsync() => ReplaceAsync(null);

    private async Task ReplaceAsync(MortalSearch? dead)
    {
        await _opening.WaitAsync();
        try
        {
            while (_host == dead || _host.Fate.IsDead)
            {
                model.Note(" * a host begins");
                var next = new MortalSearch(world, stalls);
                if (!_isCalm && random.Next(4) == 0)
                    next.Fate.DieAt(random.Next(1, 6), random.Next(2) == 0);

                // It may die while it loads.
                var loading = Task.Run(() => next.Store.LoadAsync(default));
                await Task.WhenAny(loading, next.Fate.Dead);
                if (!next.Fate.IsDead)
                    await loading;
                Volatile.Write(ref _host, next);
            }
        }
        finally
        {
            _opening.Release();
        }
    }
}
