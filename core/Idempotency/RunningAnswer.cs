using System.Buffers;
using OrleansChat.Core.Answers;

namespace OrleansChat.Core.Idempotency;

/// <summary>An answer that is being made, for those who join.</summary>
/// <param name="leaseEnd">When it is lost unless its maker is heard of, in ticks of the activation's clock.</param>
internal sealed class RunningAnswer(long leaseEnd)
{
    private readonly ArrayBufferWriter<byte> _body = new();
    private TaskCompletionSource _changed = NewSignal();

    /// <summary>When it is lost unless its maker is heard of.</summary>
    public long LeaseEnd { get; set; } = leaseEnd;

    /// <summary>How it begins; null while that is not known.</summary>
    public AnswerHead? Head { get; private set; }

    /// <summary>Its end; null while it goes on.</summary>
    public AnswerPart? End { get; private set; }

    /// <summary>Bytes of the body so far.</summary>
    public long Length => _body.WrittenCount;

    /// <summary>Completes with the next change.</summary>
    public Task Changed => _changed.Task;

    /// <summary>Adds a piece; what is there already is passed over, and one that leaves a gap is not taken.</summary>
    /// <param name="part">The piece.</param>
    public void Append(AnswerPart part)
    {
        var known = Length - part.Offset;
        if (known < 0 || (known >= part.Bytes.Length && (Head is not null || part.Head is null)))
            return;

        Head ??= part.Head;
        _body.Write(part.Bytes.AsSpan((int)Math.Min(known, part.Bytes.Length)));
        Signal();
    }

    /// <summary>Ends it.</summary>
    /// <param name="end">The end.</param>
    public void Finish(AnswerPart end)
    {
        End ??= end;
        Signal();
    }

    /// <summary>The body from a byte on.</summary>
    /// <param name="after">Bytes before it.</param>
    /// <returns>The rest of the body.</returns>
    public byte[] From(long after) => _body.WrittenSpan[(int)after..].ToArray();

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private void Signal()
    {
        var changed = _changed;
        _changed = NewSignal();
        changed.SetResult();
    }
}
