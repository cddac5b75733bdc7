using System.Text;
using OrleansChat.Core.Errors;
using OrleansChat.Core.Sessions;
using OrleansChat.Core.Sessions.Search;
using OrleansChat.Testing;
using OrleansChat.Testing.Actors;
using Xunit.Abstractions;

namespace OrleansChat.Core.Tests.Sessions.Index;

public sealed class SessionIndexTests(ITestOutputHelper output)
{
    private static readonly DateTimeOffset Start = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly SessionWorld _world = new();

    private ISessionIndexActor Index => _world.SessionIndex("owner");

    [Fact]
    public async Task List_AfterAnySequenceOfChanges_GivesEverySessionOnceNewestFirst()
    {
        var random = Seed.Print(output);
        var model = new Dictionary<string, SessionLine>();
        for (var step = 0; step < 1_500; step++)
        {
            var id = $"session-{random.Next(400)}";
            switch (random.Next(20))
            {
                case 0:
                    _world.Crash();
                    break;
                case < 5:
                    await Index.RemoveAsync(id, default);
                    model.Remove(id);
                    break;
                default:
                    model[id] = Line(id, random.Next(200));
                    await Index.PutAsync(model[id], default);
                    break;
            }
        }

        var expected = model.Values.OrderByDescending(line => line.LastActiveAt).ThenBy(line => line.Id, StringComparer.Ordinal);
        Assert.Equal(expected, await ListAllAsync(random.Next(1, 50), null));
        _world.Crash();
        Assert.Equal(expected, await ListAllAsync(200, null));
    }

    [Fact]
    public async Task List_WhileSessionsMove_NeverShowsOneTwiceFromACursor()
    {
        for (var number = 0; number < 10; number++)
            await Index.PutAsync(Line($"session-{number}", number), default);

        var first = await Index.ListAsync(4, null, null, default);
        await Index.PutAsync(Line("session-0", 100), default);
        await Index.RemoveAsync(first.Items[^1].Id, default);
        var second = await Index.ListAsync(10, first.NextCursor, null, default);

        Assert.Equal(["session-9", "session-8", "session-7", "session-6"], first.Items.Select(line => line.Id));
        Assert.Equal(["session-5", "session-4", "session-3", "session-2", "session-1"], second.Items.Select(line => line.Id));
        Assert.Null(second.NextCursor);
    }

    [Fact]
    public async Task List_WithAQuery_FindsTitlesThatHoldAllItsWords()
    {
        await Index.PutAsync(Line("a", 1) with { Title = "Baking bread" }, default);
        await Index.PutAsync(Line("b", 2) with { Title = "Bread and BUTTER" }, default);
        await Index.PutAsync(Line("c", 3) with { Title = null }, default);

        Assert.Equal(["b"], (await Index.ListAsync(10, null, "butter bread", default)).Items.Select(line => line.Id));
        Assert.Equal(["b", "a"], (await Index.ListAsync(10, null, " BREAD ", default)).Items.Select(line => line.Id));
    }

    [Theory]
    [InlineData("!")]
    [InlineData("")]
    [InlineData("AAAA")]
    [InlineData("LTUgeA")]
    public async Task List_WithACursorOfSomebodyElse_IsRefused(string cursor)
    {
        var refusal = await Assert.ThrowsAsync<RequestException>(async () => await Index.ListAsync(10, cursor, null, default));

        Assert.Equal(("invalid_request", "cursor"), (refusal.Problem.Code, refusal.Problem.Subject));
    }

    [Fact]
    public async Task Put_OfOneAmongThousands_WritesOnePage()
    {
        await Task.WhenAll(Enumerable.Range(0, 5_000).Select(number => Index.PutAsync(Line($"session-{number}", number), default).AsTask()));
        var writes = _world.Store.Writes;

        await Index.PutAsync(Line("session-17", 9_000), default);

        Assert.Equal(1, _world.Store.Writes - writes);
        Assert.Equal(5_000, (await ListAllAsync(200, null)).Count);
        Assert.Equal("session-17", (await Index.ListAsync(1, null, null, default)).Items[0].Id);
    }

    [Fact]
    public async Task Put_OfAnActivationThatOwnsTheIndexNoMore_LeavesTheOwnersNewPageAlone()
    {
        for (var number = 0; number < 64; number++)
            await Index.PutAsync(Line($"session-{number}", number), default);

        var (stale, owner) = (await OpenAsync(), await OpenAsync());
        await owner.PutAsync(Line("of the owner", 100), default);

        await Assert.ThrowsAsync<StorageException>(async () => await stale.PutAsync(Line("of the stale one", 200), default));

        _world.Crash();
        var lines = await ListAllAsync(200, null);
        Assert.Equal((65, "of the owner"), (lines.Count, lines[0].Id));
    }

    [Fact]
    public async Task PutTurns_OfAnActivationThatIsReplaced_LeavesTheOwnersTextsAlone()
    {
        var (stale, owner) = (await OpenAsync(), await OpenAsync());
        await owner.PutTurnsAsync(Line("a", 100), new ConversationTurnList([new ConversationTurn("m1", "of the owner")]), default);

        await Assert.ThrowsAsync<StorageException>(
            async () => await stale.PutTurnsAsync(Line("b", 200), new ConversationTurnList([new ConversationTurn("m2", "of the stale one")]), default));

        _world.Crash();
        var pages = _world.Store.Keys.Where(key => key.Contains("/texts/", StringComparison.Ordinal)).Select(key => _world.Store.Read(key).Value!);
        Assert.Contains("of the owner", Encoding.UTF8.GetString(Assert.Single(pages)), StringComparison.Ordinal);
    }

    /// <summary>One more activation of the index, as on the other side of a partition.</summary>
    private async Task<SessionIndexActor> OpenAsync()
    {
        var context = new InMemoryActorContext(_world.Store, "index", "owner", _world);
        var actor = new SessionIndexActor(context.MainState<SessionIndexState>(), context, _world.Settings);
        await actor.ActivateAsync(default);
        return actor;
    }

    private static SessionLine Line(string id, int minute) => new(id, $"Title of {id}", null, Start, Start.AddMinutes(minute));

    private async Task<List<SessionLine>> ListAllAsync(int limit, string? query)
    {
        var lines = new List<SessionLine>();
        string? cursor = null;
        do
        {
            var page = await Index.ListAsync(limit, cursor, query, default);
            Assert.True(page.NextCursor is null || page.Items.Count == limit);
            lines.AddRange(page.Items);
            cursor = page.NextCursor;
        }
        while (cursor is not null);

        return lines;
    }
}
