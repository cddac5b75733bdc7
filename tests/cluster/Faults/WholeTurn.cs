using OrleansChat.Core.Keys;
using OrleansChat.Core.Sessions;
using OrleansChat.Core.Turns;

namespace OrleansChat.Cluster.Tests.Faults;

/// <summary>A turn of a new session, read to its end as a client does: after every break from where it was.</summary>
internal static class WholeTurn
{
    private static readonly ApiKey Owner = new() { Id = "owner" };

    public static async Task<List<TurnEvent>> RunAsync(ISessionActor session)
    {
        await session.CreateAsync(Owner, new SessionSettings(), default);
        var turn = await session.StartTurnAsync(Owner, new TurnRequest { Message = "Hello" }, default);
        var events = new List<TurnEvent>();
        while (events is [] or [.., { IsLast: false }])
        {
            await foreach (var shown in session.ReadTurnAsync(Owner, turn.TurnId, events.Count, default))
                events.Add(shown);
        }

        return events;
    }
}
