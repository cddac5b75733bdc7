namespace OrleansChat.Core.Sessions.Paging;

/// <summary>Where an item of a paged log is stored.</summary>
/// <param name="Page">The page, from 0.</param>
/// <param name="Slot">The place on the page, from 0.</param>
public readonly record struct PagePosition(int Page, int Slot);

/// <summary>The end of a paged log, kept by its owner: what lies behind it was never acknowledged.</summary>
/// <param name="Page">The newest page.</param>
/// <param name="Count">Items on that page.</param>
/// <param name="Size">The sum of those items' sizes.</param>
public readonly record struct PageTail(int Page, int Count, long Size)
{
    /// <summary>Where the next item goes.</summary>
    /// <param name="limits">When a page is full.</param>
    /// <returns>The position.</returns>
    public PagePosition Next(PageLimits limits) =>
        Count >= limits.Items || Size >= limits.Size ? new PagePosition(Page + 1, 0) : new PagePosition(Page, Count);

    /// <summary>The end after one more item.</summary>
    /// <param name="limits">When a page is full.</param>
    /// <param name="size">The item's size.</param>
    /// <returns>The new end.</returns>
    public PageTail After(PageLimits limits, long size)
    {
        var next = Next(limits);
        return next.Page == Page ? new PageTail(Page, Count + 1, Size + size) : new PageTail(next.Page, 1, size);
    }
}

/// <summary>
/// When a page is full. A page is rewritten with every item that is added, so its size bounds what one item costs.
/// </summary>
/// <param name="Items">Items on a page at most.</param>
/// <param name="Size">A page that has reached this size takes no further item.</param>
public sealed record PageLimits(int Items, long Size);
