using OrleansChat.Core.Actors;

namespace OrleansChat.Core.Sessions;

/// <summary>
/// Keeps deadlines in small pages by the hour: a new one rewrites one page, and a sweep reads the hours that have come and no other. Calls
/// come one after another, so nothing is kept in memory but the head.
/// </summary>
/// <param name="state">Which hours have pages.</param>
/// <param name="context">The activation.</param>
public sealed class SessionDeadlinesActor(IActorState<SessionDeadlinesState> state, IActorContext context) : ISessionDeadlinesActor
{
    private const int PageLength = 64;

    private SortedDictionary<long, int> PagesByHour => state.Value.PagesByHour;

    /// <inheritdoc/>
    public ValueTask PutAsync(SessionDeadline deadline, CancellationToken cancellationToken) => GuardAsync(async () =>
    {
        var hour = HourOf(deadline.DueAt);
        var pages = PagesByHour.GetValueOrDefault(hour);
        var number = Math.Max(0, pages - 1);
        var page = await OpenAsync(hour, number, cancellationToken);
        if (page.Value.Items.Contains(deadline) && number < pages)
            return;

        if (page.Value.Items.Count >= PageLength)
            page = await OpenAsync(hour, ++number, cancellationToken);

        // A page that a crash left unnamed holds true entries: they come back with it.
        page.Value.Items.Add(deadline);
        await page.SaveAsync(CancellationToken.None);
        if (number < pages)
            return;

        PagesByHour[hour] = number + 1;
        await state.SaveAsync(CancellationToken.None);
    });

    /// <inheritdoc/>
    public async ValueTask<SessionDeadlineList> ListDueAsync(DateTimeOffset now, int limit, CancellationToken cancellationToken)
    {
        var due = new List<SessionDeadline>();
        await GuardAsync(async () =>
        {
            var thisHour = HourOf(now);
            var hours = PagesByHour.Count;
            foreach (var (hour, pages) in PagesByHour.TakeWhile(entry => entry.Key <= thisHour).ToList())
            {
                var isEmpty = true;
                for (var number = 0; number < pages && due.Count < limit; number++)
                {
                    var items = (await OpenAsync(hour, number, cancellationToken)).Value.Items;
                    isEmpty &= items.Count == 0;
                    due.AddRange(items.Where(item => item.DueAt <= now).Take(limit - due.Count));
                }

                if (due.Count >= limit)
                    break;

                // An hour that is over gets no further entries but by a clock that goes back, and then it begins anew.
                if (isEmpty && hour < thisHour)
                    PagesByHour.Remove(hour);
            }

            if (hours != PagesByHour.Count)
                await state.SaveAsync(CancellationToken.None);
        });
        return new SessionDeadlineList(due);
    }

    /// <inheritdoc/>
    public ValueTask RemoveAsync(SessionDeadlineList deadlines, CancellationToken cancellationToken) => GuardAsync(async () =>
    {
        foreach (var hour in deadlines.Items.GroupBy(deadline => HourOf(deadline.DueAt)))
        {
            var removed = hour.ToHashSet();
            for (var number = 0; number < PagesByHour.GetValueOrDefault(hour.Key); number++)
            {
                var page = await OpenAsync(hour.Key, number, cancellationToken);
                if (page.Value.Items.RemoveAll(removed.Contains) == 0)
                    continue;

                if (page.Value.Items.Count == 0)
                    await page.ClearAsync(CancellationToken.None);
                else
                    await page.SaveAsync(CancellationToken.None);
            }
        }
    });

    private static long HourOf(DateTimeOffset time) => time.UtcTicks / TimeSpan.TicksPerHour;

    private ValueTask<IActorState<SessionDeadlinePage>> OpenAsync(long hour, int number, CancellationToken cancellationToken) =>
        context.OpenStateAsync<SessionDeadlinePage>($"hours/{hour}/{number}", cancellationToken);

    /// <summary>After a failed write the head in memory may be ahead of the store: the next activation reads it anew.</summary>
    private async ValueTask GuardAsync(Func<ValueTask> work)
    {
        try
        {
            await work();
        }
        catch
        {
            context.Deactivate();
            throw;
        }
    }
}
