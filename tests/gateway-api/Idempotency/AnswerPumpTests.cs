using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using OrleansChat.Core.Answers;
using OrleansChat.Core.Errors;
using OrleansChat.Core.Idempotency;
using OrleansChat.GatewayApi.Idempotency;
using OrleansChat.Testing;

namespace OrleansChat.GatewayApi.Tests.Idempotency;

public sealed class AnswerPumpTests
{
    private static readonly AnswerHead Head = new(200, "text/event-stream");

    [Fact]
    public async Task Failure_WhileAPieceIsOnItsWay_IsToldAfterAllThatWasWritten()
    {
        var actor = new SlowActor();
        var pump = new AnswerPump(actor, new IdempotentCall("id", "fingerprint", "holder"), 1_000, TimeSpan.FromSeconds(30), new FakeClock(), NullLogger.Instance);
        pump.Record(Head, "one "u8.ToArray());
        pump.Start();
        await actor.IsAsked.Task.WaitAsync(TestWait.Limit);
        pump.Record(Head, "two "u8.ToArray());
        pump.Record(Head, "error"u8.ToArray());
        var failing = pump.FailAsync(Problem.Of(ProblemCode.UpstreamError, "It broke."));
        actor.MayAnswer.SetResult();

        await failing.WaitAsync(TestWait.Limit);

        Assert.Equal("one two error", actor.HeldAtFailure);
    }

    /// <summary>Takes its time with the first piece.</summary>
    private sealed class SlowActor : IIdempotencyActor
    {
        private readonly StringBuilder _held = new();

        public TaskCompletionSource IsAsked { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource MayAnswer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public string? HeldAtFailure { get; private set; }

        public async ValueTask<long?> AppendAsync(string id, string holder, AnswerPart part, CancellationToken cancellationToken)
        {
            Assert.Equal(_held.Length, part.Offset);
            _held.Append(Encoding.UTF8.GetString(part.Bytes));
            IsAsked.TrySetResult();
            await MayAnswer.Task.WaitAsync(cancellationToken);
            return _held.Length;
        }

        public ValueTask FailAsync(string id, string holder, Problem problem, CancellationToken cancellationToken)
        {
            HeldAtFailure = _held.ToString();
            return default;
        }

        public ValueTask<IdempotencyDecision> BeginAsync(IdempotentCall call, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask<long?> CompleteAsync(string id, string holder, CompletedAnswer end, CancellationToken cancellationToken) => throw new NotSupportedException();

        public IAsyncEnumerable<AnswerPart> ReadAsync(string id, long after, CancellationToken cancellationToken) => throw new NotSupportedException();
    }
}
