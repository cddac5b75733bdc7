namespace OrleansChat.GatewayApi.Sockets;

/// <summary>The frames of one socket that are being answered, and how far the turns that it reads were sent. Few at a time, so lists are small and quick.</summary>
internal sealed class FramesUnderWay
{
    private readonly Lock _gate = new();
    private readonly List<Task> _answers = new(1);
    private readonly List<(string TurnId, long Sequence)> _sent = new(1);

    /// <summary>How many frames there are.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
                return _answers.Count;
        }
    }

    /// <summary>Counts a frame until its answer has ended.</summary>
    /// <param name="answer">The answer.</param>
    public void Follow(Task answer)
    {
        lock (_gate)
            _answers.Add(answer);
        _ = answer.ContinueWith(
            static (ended, frames) => ((FramesUnderWay)frames!).End(ended), this, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
    }

    /// <summary>Completes when all answers that there are now have ended.</summary>
    /// <returns>A task.</returns>
    public Task WhenAllAsync()
    {
        lock (_gate)
            return Task.WhenAll(_answers);
    }

    /// <summary>A turn was sent up to an event.</summary>
    /// <param name="turnId">The turn.</param>
    /// <param name="sequence">The event's sequence number.</param>
    public void Sent(string turnId, long sequence)
    {
        lock (_gate)
        {
            var at = Find(turnId);
            if (at < 0)
                _sent.Add((turnId, sequence));
            else
                _sent[at] = (turnId, sequence);
        }
    }

    /// <summary>A turn was sent to its end.</summary>
    /// <param name="turnId">The turn.</param>
    public void SentWhole(string turnId)
    {
        lock (_gate)
        {
            if (Find(turnId) is >= 0 and var at)
                _sent.RemoveAt(at);
        }
    }

    /// <summary>The turns that were not sent to their end, and the last event of each that was sent.</summary>
    /// <returns>A copy.</returns>
    public IReadOnlyList<(string TurnId, long Sequence)> Unfinished()
    {
        lock (_gate)
            return [.. _sent];
    }

    // Once for each event, so without a closure.
    private int Find(string turnId)
    {
        var at = _sent.Count - 1;
        while (at >= 0 && _sent[at].TurnId != turnId)
            at--;
        return at;
    }

    private void End(Task answer)
    {
        lock (_gate)
            _answers.Remove(answer);
    }
}
