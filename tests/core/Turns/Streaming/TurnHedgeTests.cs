using Microsoft.Extensions.Logging.Abstractions;
using OrleansChat.Core.Admission;
using OrleansChat.Core.Errors;
using OrleansChat.Core.Keys;
using OrleansChat.Core.Routing;
using OrleansChat.Core.Turns;
using OrleansChat.Core.Turns.Streaming;
using OrleansChat.Core.Upstreams;
using OrleansChat.Testing;

namespace OrleansChat.Core.Tests.Turns.Streaming;

/// <summary>What is on record of an attempt's two calls at each moment, should the host die then.</summary>
public sealed class TurnHedgeTests
{
    private static readonly UpstreamTarget Target = new("one", "m");

    private readonly FakeClock _clock = new();
    private readonly RecordingAdmission _admission = new();
    private readonly RecordedCalls _events = new();

    [Fact]
    public async Task Admit_RecordsTheSecondCallBeforeItsUpstreamIsAsked()
    {
        await using var hedge = Hedge();

        Assert.Equal("turn/3/hedge", await hedge.AdmitAsync(default));

        Assert.Equal((3, true, _admission.Cost, 150L), Described(Assert.Single(_events.Reserved)));
    }

    [Fact]
    public async Task Admit_WhenTheRecordCannotBeWritten_TakesTheSecondCallBack()
    {
        _events.Fault = new StorageException("The disk is full.");
        await using var hedge = Hedge();

        await Assert.ThrowsAsync<StorageException>(async () => await hedge.AdmitAsync(default));

        Assert.Equal(["turn/3/hedge"], _admission.Released);
    }

    [Theory]
    [InlineData("turn/3/hedge", true)]
    [InlineData("turn/3", false)]
    public async Task Lost_WhenNoUpstreamWasAsked_IsTakenBackOnRecordToo(string operation, bool isHedge)
    {
        await using var hedge = Hedge();
        await hedge.AdmitAsync(default);

        await hedge.LostAsync(new LostCall<AnswerStream>(operation, null, null));

        Assert.Equal([operation], _admission.Released);
        Assert.Equal([isHedge], _events.Forgotten);
    }

    [Fact]
    public async Task Lost_WhenTheRecordCannotBeWritten_LetsTheOtherCallGoOn()
    {
        await using var hedge = Hedge();
        await hedge.AdmitAsync(default);
        _events.Fault = new StorageException("The disk is full.");

        await hedge.LostAsync(new LostCall<AnswerStream>("turn/3/hedge", null, null));

        Assert.Equal(["turn/3/hedge"], _admission.Released);
    }

    [Fact]
    public async Task Lost_WhenItsPromptWasSent_IsSettledAndStaysOnRecord()
    {
        await using var hedge = Hedge();
        await hedge.AdmitAsync(default);

        await hedge.LostAsync(new LostCall<AnswerStream>("turn/3", Target, null));

        Assert.Equal("turn/3", Assert.Single(_admission.Settled).Operation);
        Assert.Empty(_events.Forgotten);
    }

    private static (int, bool, long, long) Described(ReservedAttempt reserved) => (reserved.Attempt, reserved.IsHedge, reserved.NanoUsd, reserved.Tokens);

    private TurnHedge Hedge()
    {
        var caller = new ApiKey { Id = "caller" };
        var plan = new TurnPlan
        {
            TurnId = "turn",
            SessionId = "session",
            Caller = caller,
            Model = FixedModels.Make("default", 8_000, 50, "one/m", "two/m"),
            Question = "Hi",
            InputTokens = 100,
        };
        var request = new AdmissionRequest { OperationId = "turn/3", Key = caller, Model = "default", InputTokens = 100, OutputTokens = 50 };
        var admission = new TurnAdmission(_admission, new RouteWalker(), _clock, NullLogger<TurnAdmission>.Instance);
        return new TurnHedge(admission, _clock, plan, 3, 100, new AdmissionGrant(request, 7), _events);
    }

    private sealed class RecordedCalls : ITurnEvents
    {
        public List<ReservedAttempt> Reserved { get; } = [];

        public List<bool> Forgotten { get; } = [];

        public Exception? Fault { get; set; }

        public ValueTask AppendAsync(TurnEvent shown) => throw new NotSupportedException();

        public string ReadAnswer() => throw new NotSupportedException();

        public ValueTask RestartAsync(int attempt) => throw new NotSupportedException();

        public ValueTask ReserveAsync(ReservedAttempt reserved) => RecordAsync(() => Reserved.Add(reserved));

        public ValueTask ForgetAsync(bool hedge) => RecordAsync(() => Forgotten.Add(hedge));

        public void KeepAlive()
        {
        }

        private ValueTask RecordAsync(Action record)
        {
            if (Fault is { } fault)
                return ValueTask.FromException(fault);

            record();
            return default;
        }
    }
}
