using System.Diagnostics;
using System.Threading.Channels;

namespace OrleansChat.Bench.Sockets;

/// <summary>Gives every answer a token at its pace, the answers spread over the milliseconds between: one loop for all of them.</summary>
internal sealed class TokenClock
{
    private const long TenthsPerSecond = 10_000;
    private const long Moments = 1_000_000;

    private readonly Lock _gate = new();
    private readonly List<Channel<long>>[] _slots;
    private int _joined;

    /// <param name="time">What the loop waits on.</param>
    /// <param name="rate">Tokens a second for each answer.</param>
    public TokenClock(TimeProvider time, int rate)
    {
        _slots = [.. Enumerable.Range(0, 1000 / rate).Select(_ => new List<Channel<long>>())];
        _ = Task.Factory.StartNew(() => Run(time), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    /// <summary>This moment as a token says it: tenths of a millisecond, six digits of them, so that a token is about as long as a word.</summary>
    public static long Now() => Stopwatch.GetTimestamp() / (Stopwatch.Frequency / TenthsPerSecond) % Moments;

    /// <summary>The time since a token was said; less than a hundred seconds.</summary>
    /// <param name="said">The token.</param>
    public static TimeSpan Since(long said) => TimeSpan.FromMicroseconds((Now() - said + Moments) % Moments * (1_000_000 / TenthsPerSecond));

    /// <summary>A new answer: the moments in which its tokens are said.</summary>
    public Channel<long> Join()
    {
        var answer = Channel.CreateUnbounded<long>(new UnboundedChannelOptions { SingleReader = true, SingleWriter = true });
        lock (_gate)
            _slots[_joined++ % _slots.Length].Add(answer);
        return answer;
    }

    /// <summary>Ends an answer.</summary>
    public void Leave(Channel<long> answer)
    {
        lock (_gate)
        {
            foreach (var slot in _slots)
                slot.Remove(answer);
        }
    }

    private void Run(TimeProvider time)
    {
        using var tick = new SemaphoreSlim(0);
        using var timer = time.CreateTimer(_ => tick.Release(), null, TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(1));
        var start = Stopwatch.GetTimestamp();
        for (var millisecond = 0L; ; millisecond++)
        {
            while (Stopwatch.GetElapsedTime(start).TotalMilliseconds < millisecond)
                tick.Wait();

            lock (_gate)
            {
                foreach (var answer in _slots[millisecond % _slots.Length])
                    answer.Writer.TryWrite(Now());
            }
        }
    }
}
