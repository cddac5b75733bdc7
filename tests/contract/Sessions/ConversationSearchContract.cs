using OrleansChat.Core.Keys;
using OrleansChat.Core.Sessions;
using OrleansChat.Core.Turns;
using OrleansChat.Testing;

namespace OrleansChat.Contract.Tests.Sessions;

/// <summary>What the search in chats promises, over whichever host.</summary>
/// <typeparam name="THost">Starts the host, with the search turned on.</typeparam>
public abstract class ConversationSearchContract<THost> : IAsyncLifetime
    where THost : ISessionHostFactory
{
    private static readonly ApiKey Maker = new() { Id = "maker", Team = "blue" };
    private static readonly ApiKey Teammate = new() { Id = "teammate", Team = "blue" };
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private ISessionHost _host = null!;

    public async Task InitializeAsync() => _host = await StartAsync();

    public async Task DisposeAsync() => await _host.DisposeAsync();

    /// <summary>A host without a state; one of its own where a test says nothing else.</summary>
    protected virtual Task<ISessionHost> StartAsync() => THost.StartAsync();

    [Fact]
    public async Task Turn_OnceItHasEnded_IsFoundByItsWordsOverRestartsUntilItsSessionIsDeleted()
    {
        var id = await NewSessionAsync();
        await ChatAsync(id, "How do I mend it?", "Raise the timeout of the silo.");
        await FoundAsync(Maker, "timeouts mend", id);

        await _host.RestartAsync(Patience);
        await FoundAsync(Maker, "silo", id);
        var line = Assert.Single((await FindAsync(Maker, "timeout")).Items);
        Assert.Equal("Raise the timeout of the silo.", Assert.Single(line.Matches!).Snippet);

        await _host.CrashAsync();
        await FoundAsync(Maker, "silo", id);
        Assert.Empty((await FindAsync(Teammate, "silo")).Items);

        await _host.Actors.Session(id).DeleteAsync(Maker, default);
        Assert.Empty((await FindAsync(Maker, "silo")).Items);
        await _host.RestartAsync(Patience);
        Assert.Empty((await FindAsync(Maker, "silo")).Items);
    }

    [Fact]
    public async Task SharedSession_IsFoundByTheTeamUntilItIsTakenBack()
    {
        var id = await NewSessionAsync();
        await ChatAsync(id, "One", "xyzzy");
        Assert.Empty((await FindAsync(Teammate, "xyzzy")).Items);

        await _host.Actors.Session(id).UpdateAsync(Maker, new SessionChanges { Shared = true }, default);
        await FoundAsync(Teammate, "xyzzy", id);

        await _host.Actors.Session(id).UpdateAsync(Maker, new SessionChanges { Shared = false }, default);
        Assert.Empty((await FindAsync(Teammate, "xyzzy")).Items);
        await _host.RestartAsync(Patience);
        Assert.Empty((await FindAsync(Teammate, "xyzzy")).Items);
        await FoundAsync(Maker, "xyzzy", id);
    }

    [Fact]
    public async Task Texts_OfManyTurns_AreKeptOverARestart()
    {
        var id = await NewSessionAsync();
        for (var number = 0; number < 30; number++)
            await ChatAsync(id, $"question{number}", $"answer{number} {new string('x', 2_000)}");

        await FoundAsync(Maker, "answer29", id);
        await _host.RestartAsync(Patience);
        for (var number = 0; number < 30; number++)
            await FoundAsync(Maker, $"question{number} answer{number}", id);
    }

    private async Task<string> NewSessionAsync()
    {
        var id = Guid.CreateVersion7().ToString();
        await _host.Actors.Session(id).CreateAsync(Maker, new SessionSettings(), default);
        return id;
    }

    private async Task ChatAsync(string id, string message, string answer)
    {
        var session = _host.Actors.Session(id);
        var turn = await session.StartTurnAsync(Maker, new TurnRequest { Message = message }, default);
        (await _host.Upstream.NextCallAsync()).Say(answer).End();
        await foreach (var _ in session.ReadTurnAsync(Maker, turn.TurnId, 0, default))
        {
        }
    }

    private ValueTask<SessionPage> FindAsync(ApiKey caller, string query) => SessionLists.ListAsync(_host.Actors, caller, 10, null, query, default);

    /// <summary>A turn can be found shortly after its last event.</summary>
    private Task FoundAsync(ApiKey caller, string query, string id) =>
        TestWait.UntilAsync(async () => (await FindAsync(caller, query)).Items is [var line] && line.Id == id);
}
