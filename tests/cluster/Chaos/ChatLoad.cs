using System.Collections.Concurrent;
using OrleansChat.Core.Actors;
using OrleansChat.Core.Keys;
using OrleansChat.Core.Sessions;
using OrleansChat.Core.Turns;

namespace OrleansChat.Cluster.Tests.Chaos;

/// <summary>Chats one after the other, each turn read by a reader that breaks off and comes back.</summary>
internal sealed class ChatLoad(IActorDirectory actors, int seed)
{
    private const int Callers = 6;
    private static readonly ApiKey Owner = new() { Id = "owner" };

    private readonly ConcurrentDictionary<string, List<TurnEvent>> _chats = new();
    private long _events;

    /// <summary>Events read so far.</summary>
    public long Events => Interlocked.Read(ref _events);

    /// <summary>Turns read to their end.</summary>
    public int Turns => _chats.Count;

    public Task RunAsync(CancellationToken stop) =>
        Task.WhenAll(Enumerable.Range(0, Callers).Select(caller => Task.Run(() => ChatAsync(new Random(seed + caller), stop), CancellationToken.None)));

    /// <summary>Every event came once and in order, every session is readable and holds what was read.</summary>
    public async Task CheckAsync()
    {
        Assert.NotEmpty(_chats);
        foreach (var (session, events) in _chats)
        {
            Assert.Equal(Enumerable.Range(1, events.Count).Select(number => (long)number), events.Select(shown => shown.Sequence));
            Assert.True(events.OfType<TurnRestarted>().Count() <= 1);
            var stored = await actors.Session(session).DescribeAsync(Owner, SessionScope.ActivePath, default);
            Assert.Equal("Hello", stored.Messages[0].Content);
            if (events[^1] is TurnCompleted)
            {
                var shown = events.AsEnumerable().Reverse().TakeWhile(one => one is not TurnRestarted).Reverse().OfType<TurnDelta>().Select(delta => delta.Text);
                Assert.Equal(PiecemealAnswer.Text, string.Concat(shown));
                Assert.Equal(["Hello", PiecemealAnswer.Text], stored.Messages.Select(message => message.Content));
            }
            else
            {
                // Its silo died twice.
                Assert.IsType<TurnInterrupted>(events[^1]);
                Assert.Single(events.OfType<TurnRestarted>());
            }
        }
    }

    private async Task ChatAsync(Random random, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            var id = Guid.CreateVersion7().ToString();
            var session = actors.Session(id);
            await session.CreateAsync(Owner, new SessionSettings(), default);
            var turn = await session.StartTurnAsync(Owner, new TurnRequest { Message = "Hello" }, default);
            var events = new List<TurnEvent>();
            while (events is [] or [.., { IsLast: false }])
            {
                var patience = random.Next(1, 80);
                await foreach (var shown in session.ReadTurnAsync(Owner, turn.TurnId, events.Count, default))
                {
                    events.Add(shown);
                    Interlocked.Increment(ref _events);
                    if (--patience == 0)
                        break;
                }
            }

            _chats[id] = events;
        }
    }
}
