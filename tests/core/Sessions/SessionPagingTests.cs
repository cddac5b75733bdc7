using OrleansChat.Core.Sessions;

namespace OrleansChat.Core.Tests.Sessions;

public sealed class SessionPagingTests : SessionTest
{
    [Fact]
    public async Task StartTurn_InASessionOfTenThousandMessages_ReadsAndWritesWhatItDoesInAShortOne()
    {
        // The window holds about thirty of these messages. Both tails stand at the same slots of their pages.
        var small = await NewSessionAsync(new SessionSettings { Model = "small" });
        var large = await NewSessionAsync(new SessionSettings { Model = "small" });
        World.Upstream.Answer = call => call.Say("An answer.").End();
        await FillAsync(small, 80);
        await FillAsync(large, 10_000);

        Assert.Equal(await CostAsync(small), await CostAsync(large));
        Assert.InRange(World.Store.Read($"session/{large.Id}/main").Value!.Length, 1, 1_000);
    }

    [Fact]
    public async Task StartTurn_WithLongMessages_NeverRewritesMoreThanAPageOfThem()
    {
        var session = await NewSessionAsync();
        World.Upstream.Answer = call => call.Say(new string('a', 4_000)).End();

        await FillAsync(session, 40);

        var pages = World.Store.Keys.Where(key => key.Contains("/messages/", StringComparison.Ordinal)).ToList();
        Assert.InRange(pages.Count, 4, 20);
        Assert.All(pages, page => Assert.InRange(World.Store.Read(page).Value!.Length, 1, 16_384 + 10_000));
    }

    private static async Task FillAsync(SessionHandle session, int messages)
    {
        for (var turn = 0; turn < messages / 2; turn++)
            await ReadAsync(session, await AskAsync(session, "A question?"));
    }

    private async Task<(int Reads, int Writes)> CostAsync(SessionHandle session)
    {
        await session.DeactivateAsync();

        // Its own writes: lists that show it are written beside it, and several lines at a time.
        var writes = 0;
        World.Store.AfterWrite = key =>
        {
            if (key.StartsWith($"session/{session.Id}/", StringComparison.Ordinal))
                Interlocked.Increment(ref writes);
        };
        var reads = World.Store.Reads;
        await FillAsync(session, 2);
        await session.DeactivateAsync();
        return (World.Store.Reads - reads, writes);
    }
}
