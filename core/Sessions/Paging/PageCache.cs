using OrleansChat.Core.Actors;

namespace OrleansChat.Core.Sessions.Paging;

/// <summary>
/// The pages of one log that are in memory: the few last used. A page is opened once, however many ask for it at the same time,
/// so that two of them never hold different versions of it.
/// </summary>
internal sealed class PageCache<T>(IActorContext context, string name)
{
    /// <summary>The newest page and one more: a walk back goes from page to page.</summary>
    private const int Capacity = 2;

    // In the order of use.
    private readonly List<(int Page, Task<IActorState<LogPage<T>>> State)> _pages = [];

    /// <summary>The page, read if it is not in memory.</summary>
    /// <param name="page">Its number.</param>
    /// <param name="keepFrom">Pages from this number on are being written, and stay in memory.</param>
    public Task<IActorState<LogPage<T>>> OpenAsync(int page, int keepFrom)
    {
        var index = _pages.FindIndex(entry => entry.Page == page);
        if (index >= 0)
        {
            var known = _pages[index];
            _pages.RemoveAt(index);
            if (!known.State.IsFaulted)
            {
                _pages.Add(known);
                return known.State;
            }
        }

        // No caller's token: whoever else waits for the page shares the read.
        var opened = context.OpenStateAsync<LogPage<T>>($"{name}/{page}", CancellationToken.None).AsTask();
        _pages.Add((page, opened));
        if (_pages.Count > Capacity && _pages.FindIndex(entry => entry.Page < keepFrom) is >= 0 and var oldest)
            _pages.RemoveAt(oldest);

        return opened;
    }

    /// <summary>Forgets all pages.</summary>
    public void Clear() => _pages.Clear();
}
