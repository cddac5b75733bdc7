using System.Diagnostics;

namespace OrleansChat.Bench.Soak;

/// <summary>Spaces connections evenly, so that an hour's soak can run beside other work.</summary>
/// <param name="perSecond">Connections a second, all chats together; 0 for no limit.</param>
internal sealed class SoakPace(double perSecond)
{
    private readonly Lock _lock = new();
    private readonly long _start = Stopwatch.GetTimestamp();
    private TimeSpan _next;

    /// <summary>Waits for the moment of the next connection.</summary>
    public async Task NextAsync()
    {
        if (perSecond <= 0)
            return;

        TimeSpan wait;
        lock (_lock)
        {
            var now = Stopwatch.GetElapsedTime(_start);
            _next = now > _next ? now : _next;
            wait = _next - now;
            _next += TimeSpan.FromSeconds(1 / perSecond);
        }

        await Task.Delay(wait);
    }
}
