using System.Buffers;
using Microsoft.Extensions.Logging;
using OrleansChat.Core.Answers;
using OrleansChat.Core.Errors;
using OrleansChat.Core.Idempotency;

namespace OrleansChat.GatewayApi.Idempotency;

/// <summary>
/// Brings an answer to its owner while it is made: each call carries what came during the one before, and a call without bytes keeps the
/// lease while nothing comes.
/// </summary>
internal sealed partial class AnswerPump(IIdempotencyActor actor, IdempotentCall call, int maxBytes, TimeSpan lease, TimeProvider clock, ILogger logger)
{
    private const int MaxPart = 256 * 1024;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);
    private const int Attempts = 3;

    private readonly Lock _gate = new();
    private readonly ArrayBufferWriter<byte> _body = new();
    private TaskCompletionSource _more = NewSignal();
    private AnswerHead? _head;
    private long _length;
    private long _held;
    private bool _over;
    private Task _pumping = Task.CompletedTask;

    /// <summary>Begins.</summary>
    public void Start() => _pumping = PumpAsync();

    /// <summary>Takes bytes of the answer; those beyond the limit are counted only.</summary>
    public void Record(AnswerHead head, ReadOnlyMemory<byte> bytes)
    {
        TaskCompletionSource more;
        lock (_gate)
        {
            _head ??= head;
            _length += bytes.Length;
            if (_length <= maxBytes)
                _body.Write(bytes.Span);
            (more, _more) = (_more, NewSignal());
        }

        more.SetResult();
    }

    /// <summary>The answer is whole.</summary>
    /// <param name="head">How it began.</param>
    public async Task CompleteAsync(AnswerHead head)
    {
        await EndPumpAsync();
        var end = new CompletedAnswer(head, _length, _length <= maxBytes);
        await TellAsync(async () =>
        {
            while (await actor.CompleteAsync(call.Id, call.Holder, end, CancellationToken.None) is { } held && held < end.Length && end.IsKept)
                await actor.AppendAsync(call.Id, call.Holder, PartFrom(held), CancellationToken.None);
        });
    }

    /// <summary>The answer failed.</summary>
    public async Task FailAsync(Problem problem)
    {
        await EndPumpAsync();
        await TellAsync(async () =>
        {
            // Whoever joined is given all that was written, the failure's own words last.
            while (_held < _body.WrittenCount && await actor.AppendAsync(call.Id, call.Holder, PartFrom(_held), CancellationToken.None) is { } now && now > _held)
                _held = now;
            await actor.FailAsync(call.Id, call.Holder, problem, CancellationToken.None);
        });
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private async Task PumpAsync()
    {
        while (true)
        {
            AnswerPart part;
            Task more;
            lock (_gate)
            {
                if (_over)
                    return;
                more = _more.Task;
                part = PartFrom(Math.Min(_held, _body.WrittenCount));
            }

            if (part.Bytes.Length == 0)
            {
                await more.WaitAsync(lease / 3, clock).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                if (more.IsCompleted)
                    continue;
            }

            try
            {
                if (await actor.AppendAsync(call.Id, call.Holder, part, CancellationToken.None) is not { } now)
                    return;
                _held = now;
            }
            catch (Exception fault)
            {
                LogNotTold(fault);
                await Task.Delay(Patience, clock);
            }
        }
    }

    private AnswerPart PartFrom(long offset)
    {
        lock (_gate)
        {
            var count = (int)Math.Min(MaxPart, _body.WrittenCount - offset);
            return new AnswerPart(offset, _head, _body.WrittenSpan.Slice((int)offset, count).ToArray());
        }
    }

    private async Task EndPumpAsync()
    {
        TaskCompletionSource more;
        lock (_gate)
        {
            _over = true;
            more = _more;
        }

        more.TrySetResult();
        await _pumping;
    }

    // The client has its answer, or its problem, already: what cannot be kept costs a repeat, not the request.
    private async Task TellAsync(Func<Task> tell)
    {
        for (var attempt = 1; attempt <= Attempts; attempt++)
        {
            try
            {
                await tell();
                return;
            }
            catch (Exception fault)
            {
                LogNotTold(fault);
            }
        }
    }

    [LoggerMessage(EventId = 40, EventName = "AnswerNotTold", Level = LogLevel.Warning, Message = "A part of an idempotent answer could not be recorded.")]
    private partial void LogNotTold(Exception fault);
}
