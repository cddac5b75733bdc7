using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using OrleansChat.Core.Sessions;
using OrleansChat.Core.Turns;
using OrleansChat.Testing;

namespace OrleansChat.Core.Tests.Sessions;

/// <summary>The lines of turns, in a world where every request has one.</summary>
public sealed class SessionLogTests : SessionTest
{
    private readonly Lines _lines = new();

    public SessionLogTests() => World.Log = _lines;

    [Fact]
    public async Task Turn_ThatEnds_HasALine()
    {
        var session = await NewSessionAsync();
        var turn = await ChatAsync(session, "Hello", "Hi");
        await TestWait.UntilAsync(() => _lines.Of(turn).Count > 0);

        Assert.Contains("Completed", Assert.Single(_lines.Of(turn)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Turn_ThatAFaultEnds_HasNoSecondLine()
    {
        var session = await NewSessionAsync();
        var turn = await AskAsync(session, "Hello");
        (await World.Upstream.NextCallAsync()).Fail(new InvalidOperationException("a fault of this server"));
        turn = await EndOfAsync(session, turn);
        await World.Running.WhenNoneAsync();

        Assert.Equal(TurnStatus.Failed, turn.Status);
        Assert.EndsWith("failed", Assert.Single(_lines.Of(turn)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Turn_WhoseHostStops_HasNoLineUntilItHasEnded()
    {
        var session = await NewSessionAsync();
        var turn = await AskAsync(session, "Hello");
        await World.Upstream.NextCallAsync();
        await session.DeactivateAsync(new CancellationToken(canceled: true));
        Assert.Empty(_lines.Of(turn));

        await session.RecoverAsync();
        Answer(await World.Upstream.NextCallAsync(), "Hi");
        await TestWait.UntilAsync(() => _lines.Of(turn).Count > 0);

        Assert.Contains("Completed", Assert.Single(_lines.Of(turn)), StringComparison.Ordinal);
    }

    private sealed class Lines : ILogger<SessionActor>
    {
        private readonly ConcurrentQueue<(int Id, string Text)> _all = new();

        /// <summary>What is said of a turn's end: that a fault ended it, that it was failed, or how it ended.</summary>
        public IReadOnlyList<string> Of(TurnView turn) =>
            [.. _all.Where(line => line.Id is 301 or 315 or 316 && line.Text.Contains(turn.TurnId, StringComparison.Ordinal)).Select(line => line.Text)];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            _all.Enqueue((eventId.Id, formatter(state, exception)));
    }
}
