using OrleansChat.Core.Turns;
using OrleansChat.Testing;
using OrleansChat.Testing.Chat;
using Xunit.Abstractions;

namespace OrleansChat.Core.Tests.Sessions;

/// <summary>Hosts die at random moments while a client reads, and the client keeps every event that it was ever shown.</summary>
public sealed class SessionCrashModelTests(ITestOutputHelper output) : SessionTest
{
    [Fact]
    public async Task Crash_AtAnyMoment_NeverShowsTwoEventsUnderOneNumberNorLeavesAGap()
    {
        var random = Seed.Print(output);
        var session = await NewSessionAsync();
        for (var round = 0; round < 60; round++)
        {
            var turn = await AskAsync(session, $"Round {round}", clientTurnId: $"c{round}");
            var client = new Client(turn.TurnId);
            var crashes = random.Next(3);
            for (var crash = 0; crash < crashes; crash++)
            {
                var call = await World.Upstream.NextCallAsync();
                using var gone = new CancellationTokenSource();
                var reading = client.ReadAsync(session, random.Next(1, 150), gone.Token);
                Speak(call, random, "lost");
                var enough = client.Count + random.Next(1, 100);
                await TestWait.UntilAsync(() => reading.IsCompleted || client.Count >= enough || random.Next(300) == 0);
                await gone.CancelAsync();
                await reading;
                World.Crash();
                session = World.Session(session.Id);
                await session.RecoverAsync();
            }

            if (crashes < 2)
            {
                var last = await World.Upstream.NextCallAsync();
                Speak(last, random, "kept");
                last.End();
            }

            while (!client.IsAtTheEnd)
                await client.ReadAsync(session, random.Next(1, 200), CancellationToken.None);

            var end = await session.GetTurnAsync(Owner, turn.TurnId);
            Assert.Equal(crashes < 2 ? TurnStatus.Completed : TurnStatus.Interrupted, end.Status);

            // Who reads all of it later sees the numbers and the kinds that this client saw.
            var replayed = await ReadAsync(session, turn);
            Assert.Equal(client.Events.Select(Kind), replayed.Select(Kind));
            if (crashes < 2)
            {
                Assert.Equal(end.Message!.Content, TextOf(client.Events));
                Assert.Equal(end.Message.Content, TextOf(replayed));
            }

            Assert.Equal(turn.TurnId, (await AskAsync(session, "again", clientTurnId: $"c{round}")).TurnId);
        }

        Assert.Equal(World.Admission.Settled.Count, World.Admission.Settled.Select(settled => settled.Operation).Distinct().Count());
    }

    private static (long Sequence, Type Type) Kind(TurnEvent shown) => (shown.Sequence, shown.GetType());

    private static void Speak(ScriptedChatCall call, Random random, string word)
    {
        for (var piece = random.Next(1, 160); piece > 0; piece--)
            call.Say($"{word}{piece} ");
    }

    private sealed class Client(string turnId)
    {
        private readonly List<TurnEvent> _events = [];

        public IReadOnlyList<TurnEvent> Events => _events;

        public int Count => _events.Count;

        public bool IsAtTheEnd => _events is [.., { IsLast: true }];

        /// <summary>Reads on from the last event for a while.</summary>
        public async Task ReadAsync(SessionHandle session, int patience, CancellationToken cancellationToken)
        {
            try
            {
                await foreach (var shown in session.ReadTurnAsync(Owner, turnId, _events.Count, cancellationToken))
                {
                    Assert.Equal(_events.Count + 1, shown.Sequence);
                    _events.Add(shown);
                    if (--patience == 0)
                        break;
                }
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                // The connection is gone; the events are not.
            }
        }
    }
}
