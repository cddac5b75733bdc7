using OrleansChat.Core.Keys;
using OrleansChat.Core.Sessions;
using OrleansChat.Core.Settings;
using OrleansChat.Core.Turns;
using OrleansChat.Testing.Chat;

namespace OrleansChat.Core.Tests.Sessions;

/// <summary>What tests of sessions share.</summary>
public abstract class SessionTest
{
    /// <summary>A world without summaries, whose calls would mix with those of the turns, unless a test is about them.</summary>
    private protected SessionTest(SessionOptions? options = null) => World = new SessionWorld(options ?? new SessionOptions { Summaries = false });

    private protected static ApiKey Owner => SessionWorld.Owner;

    private protected SessionWorld World { get; }

    private protected async Task<SessionHandle> NewSessionAsync(SessionSettings? settings = null)
    {
        var session = World.Session(Guid.CreateVersion7().ToString());
        await session.CreateAsync(Owner, settings ?? new SessionSettings());
        return session;
    }

    private protected static async Task<TurnView> AskAsync(SessionHandle session, string message, string? parent = null, string? clientTurnId = null) =>
        await session.StartTurnAsync(Owner, new TurnRequest { Message = message, ParentMessageId = parent, ClientTurnId = clientTurnId });

    /// <summary>Runs a whole turn.</summary>
    private protected async Task<TurnView> ChatAsync(SessionHandle session, string message, string answer, string? parent = null, string? clientTurnId = null)
    {
        var turn = await AskAsync(session, message, parent, clientTurnId);
        Answer(await World.Upstream.NextCallAsync(), answer);
        return await EndOfAsync(session, turn);
    }

    private protected static async Task<TurnView> EndOfAsync(SessionHandle session, TurnView turn)
    {
        await ReadAsync(session, turn);
        return await session.GetTurnAsync(Owner, turn.TurnId);
    }

    private protected static void Answer(ScriptedChatCall call, string answer) => call.Say(answer).End();

    /// <summary>Reads a turn's events to the end, as a client does: beginning anew where an activation ended.</summary>
    private protected static async Task<List<TurnEvent>> ReadAsync(SessionHandle session, TurnView turn, long after = 0)
    {
        var events = new List<TurnEvent>();
        while (events is [] or [.., { IsLast: false }])
        {
            await foreach (var shown in session.ReadTurnAsync(Owner, turn.TurnId, events is [.., var last] ? last.Sequence : after))
                events.Add(shown);
        }

        return events;
    }

    /// <summary>Reads a turn's events until one of a kind is there.</summary>
    private protected static async Task<List<TurnEvent>> ReadUntilAsync(SessionHandle session, TurnView turn, Func<TurnEvent, bool> enough, long after = 0)
    {
        var events = new List<TurnEvent>();
        await foreach (var shown in session.ReadTurnAsync(Owner, turn.TurnId, after))
        {
            events.Add(shown);
            if (enough(shown))
                break;
        }

        return events;
    }

    private protected static async Task<IReadOnlyList<string>> PathAsync(SessionHandle session) =>
        [.. (await session.DescribeAsync(Owner, SessionScope.ActivePath)).Messages.Select(message => message.Content)];

    private protected static string TextOf(IEnumerable<TurnEvent> events)
    {
        var text = new System.Text.StringBuilder();
        foreach (var shown in events)
        {
            if (shown is TurnRestarted)
                text.Clear();
            else if (shown is TurnDelta delta)
                text.Append(delta.Text);
        }

        return text.ToString();
    }
}
