using System.Runtime.CompilerServices;
using OrleansChat.Core.Actors;

namespace OrleansChat.Core.Sessions.Paging;

/// <summary>
/// An append-only log of one actor in pages. Its end is kept by the actor and moves only when the appended items are durable, so a crash
/// between the two writes leaves items that nobody sees and that the next append overwrites.
/// </summary>
/// <typeparam name="T">The items' type.</typeparam>
/// <param name="context">The activation.</param>
/// <param name="name">The log's name; its pages are <c>{name}/{number}</c>.</param>
/// <param name="limits">When a page is full.</param>
/// <param name="idOf">An item's id, made by <see cref="PagedId"/>.</param>
/// <param name="sizeOf">An item's size.</param>
/// <param name="prove">Fails where this activation does not own the log any more: what lies behind the end is then not left by the dead, but by the owner.</param>
internal sealed class PagedLog<T>(IActorContext context, string name, PageLimits limits, Func<T, string> idOf, Func<T, long> sizeOf, Func<Task> prove)
    where T : class
{
    private const int ClearsAtOnce = 32;

    private readonly PageCache<T> _cache = new(context, name);

    /// <summary>The acknowledged end. The owner stores it.</summary>
    public PageTail Tail { get; set; }

    /// <summary>When a page is full.</summary>
    public PageLimits Limits => limits;

    /// <summary>The item of an id.</summary>
    /// <returns>The item; null when there is none.</returns>
    public async ValueTask<T?> FindAsync(string id)
    {
        if (!PagedId.TryLocate(id, out var position))
            return null;

        var found = await ReadAsync(position);
        return found is not null && idOf(found) == id ? found : null;
    }

    /// <summary>The item at a position.</summary>
    /// <returns>The item; null behind the end.</returns>
    public async ValueTask<T?> ReadAsync(PagePosition position)
    {
        if (position.Page > Tail.Page || (position.Page == Tail.Page && position.Slot >= Tail.Count))
            return null;

        var items = (await OpenAsync(position.Page)).Value.Items;
        return position.Slot < items.Count ? items[position.Slot] : null;
    }

    /// <summary>Writes items behind the end, durably.</summary>
    /// <param name="items">The items, their ids made for the positions that <see cref="PageTail.Next"/> gives in turn.</param>
    /// <returns>The new end, for the owner to set and store.</returns>
    public async ValueTask<PageTail> AppendAsync(IReadOnlyList<T> items)
    {
        var tail = Tail;
        var changed = new List<IActorState<LogPage<T>>>();
        foreach (var item in items)
        {
            var position = tail.Next(limits);
            var page = await OpenAsync(position.Page);
            var stored = page.Value.Items;
            if (stored.Count > position.Slot)
            {
                await prove();
                stored.RemoveRange(position.Slot, stored.Count - position.Slot);
            }

            stored.Add(item);
            if (!changed.Contains(page))
                changed.Add(page);

            tail = tail.After(limits, sizeOf(item));
        }

        await Task.WhenAll(changed.Select(page => page.SaveAsync(CancellationToken.None).AsTask()));
        return tail;
    }

    /// <summary>All items, oldest first.</summary>
    public IAsyncEnumerable<T> ReadAllAsync(CancellationToken cancellationToken) => ReadAfterAsync(default, cancellationToken);

    /// <summary>The items behind an earlier end, oldest first.</summary>
    public async IAsyncEnumerable<T> ReadAfterAsync(PageTail after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var end = Tail;
        for (var number = after.Page; number <= end.Page; number++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var items = (await OpenAsync(number)).Value.Items;
            var count = number == end.Page ? end.Count : items.Count;
            for (var slot = number == after.Page ? after.Count : 0; slot < count; slot++)
                yield return items[slot];
        }
    }

    /// <summary>All items, newest first. Pages are read as far as the caller goes.</summary>
    public async IAsyncEnumerable<T> ReadBackAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var end = Tail;
        for (var number = end.Page; number >= 0; number--)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var items = (await OpenAsync(number)).Value.Items;
            for (var slot = (number == end.Page ? end.Count : items.Count) - 1; slot >= 0; slot--)
                yield return items[slot];
        }
    }

    /// <summary>Removes all pages, durably, and those a dead host left behind the end.</summary>
    public async ValueTask ClearAsync()
    {
        _cache.Clear();
        foreach (var pages in Enumerable.Range(0, Tail.Page + 2).Chunk(ClearsAtOnce))
            await Task.WhenAll(pages.Select(ClearAsync));

        Tail = default;
    }

    private Task<IActorState<LogPage<T>>> OpenAsync(int page) => _cache.OpenAsync(page, Tail.Page);

    private async Task ClearAsync(int page)
    {
        var stored = await context.OpenStateAsync<LogPage<T>>($"{name}/{page}", CancellationToken.None);
        await stored.ClearAsync(CancellationToken.None);
    }
}
