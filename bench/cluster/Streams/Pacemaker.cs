using System.Diagnostics;
using System.Threading.Channels;

namespace OrleansChat.Cluster.Bench.Streams;

/// <summary>Beats 50 times a second for every stream, the streams spread evenly over the milliseconds between: one loop, not a timer each.</summary>
internal sealed class Pacemaker
{
    private const int Phases = 20;

    private readonly TimeProvider _time;
    private readonly Lock _gate = new();
    private readonly List<Channel<long>>[] _streams = [.. Enumerable.Range(0, Phases).Select(_ => new List<Channel<long>>())];
    private int _joined;
    private bool _isBeating;

    public Pacemaker(TimeProvider time) => _time = time;

    /// <summary>A new stream's beats, each the moment in which it was due to be sent.</summary>
    public Channel<long> Join()
    {
        var stream = Channel.CreateUnbounded<long>(new UnboundedChannelOptions { SingleReader = true, SingleWriter = true });
        lock (_gate)
        {
            _streams[_joined++ % Phases].Add(stream);
            if (!_isBeating)
                _ = Task.Factory.StartNew(Beat, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

            _isBeating = true;
        }

        return stream;
    }

    /// <summary>Ends a stream.</summary>
    public void Leave(Channel<long> stream)
    {
        lock (_gate)
        {
            foreach (var phase in _streams)
                phase.Remove(stream);
        }
    }

    private void Beat()
    {
        using var tick = new SemaphoreSlim(0);
        using var timer = _time.CreateTimer(_ => tick.Release(), null, TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(1));
        var began = Stopwatch.GetTimestamp();
        for (var beat = 0L; ; beat++)
        {
            while (Stopwatch.GetElapsedTime(began).TotalMilliseconds < beat)
                tick.Wait();

            lock (_gate)
            {
                foreach (var stream in _streams[beat % Phases])
                    stream.Writer.TryWrite(Stopwatch.GetTimestamp());
            }
        }
    }
}
