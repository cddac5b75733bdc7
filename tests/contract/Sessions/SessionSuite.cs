using OrleansChat.Core.Costs;
using OrleansChat.Core.Keys;
using OrleansChat.Core.Sessions;
using OrleansChat.Core.Turns;
using OrleansChat.Testing.Costs;

namespace OrleansChat.Contract.Tests.Sessions;

/// <summary>A host of sessions, and what one asks of them.</summary>
/// <typeparam name="THost">Starts the host.</typeparam>
public abstract class SessionSuite<THost> : IAsyncLifetime
    where THost : ISessionHostFactory
{
    protected static readonly ApiKey Owner = new() { Id = "owner" };
    protected static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    protected ISessionHost Host { get; private set; } = null!;

    public async Task InitializeAsync() => Host = await StartAsync();

    public async Task DisposeAsync() => await Host.DisposeAsync();

    /// <summary>A host without a state; one of its own where a test says nothing else.</summary>
    protected virtual Task<ISessionHost> StartAsync() => THost.StartAsync();

    /// <summary>A session that nobody has made yet, in whichever host runs.</summary>
    protected ISessionActor Unmade() => new CurrentSession(() => Host, Guid.CreateVersion7().ToString());

    protected static string TextOf(IEnumerable<TurnEvent> events) =>
        string.Concat(events.Reverse().TakeWhile(shown => shown is not TurnRestarted).Reverse().OfType<TurnDelta>().Select(delta => delta.Text));

    protected async Task<ISessionActor> NewSessionAsync(SessionSettings? settings = null)
    {
        var session = Unmade();
        await session.CreateAsync(Owner, settings ?? new SessionSettings(), default);
        return session;
    }

    protected async Task<List<LedgerEntry>> LedgerAsync()
    {
        return await Host.Actors.CostTracker($"key:{Owner.Id}").ReadLedgerAsync();
    }

    protected static async Task<IReadOnlyList<string>> PathAsync(ISessionActor session) =>
        [.. (await session.DescribeAsync(Owner, SessionScope.ActivePath, default)).Messages.Select(message => message.Content)];

    protected static async Task<List<TurnEvent>> ReadAsync(ISessionActor session, string turnId, long after = 0)
    {
        var events = new List<TurnEvent>();
        while (events is [] or [.., { IsLast: false }])
        {
            await foreach (var shown in session.ReadTurnAsync(Owner, turnId, events is [.., var last] ? last.Sequence : after, default))
                events.Add(shown);
        }

        return events;
    }

    protected static async Task<List<TurnEvent>> ReadUntilAsync(ISessionActor session, string turnId, string text, long after)
    {
        var events = new List<TurnEvent>();
        await foreach (var shown in session.ReadTurnAsync(Owner, turnId, after, default))
        {
            events.Add(shown);
            if (shown is TurnDelta delta && delta.Text == text)
                break;
        }

        return events;
    }

    protected static async Task<List<TurnEvent>> ReadWithBreaksAsync(ISessionActor session, string turnId, Random random)
    {
        var events = new List<TurnEvent>();
        while (events is [] or [.., { IsLast: false }])
        {
            var patience = random.Next(1, 60);
            await foreach (var shown in session.ReadTurnAsync(Owner, turnId, events.Count, default))
            {
                events.Add(shown);
                if (--patience == 0)
                    break;
            }
        }

        return events;
    }
}
