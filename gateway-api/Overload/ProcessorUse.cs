namespace OrleansChat.GatewayApi.Overload;

/// <summary>
/// Whether it is this process that keeps the processors busy. Where others do, its work begins late however little of it there is, and refusing some of it would leave it as late.
/// </summary>
/// <param name="clock">The clock.</param>
/// <param name="processors">How many processors the process may use.</param>
/// <param name="used">The processor time that the process has used.</param>
internal sealed class ProcessorUse(TimeProvider clock, int processors, Func<TimeSpan> used)
{
    /// <summary>The share of the processors from which on a process keeps them busy: a quarter, for upstreams of one's own and clients may be on the same machine.</summary>
    public const double Busy = 0.25;

    /// <summary>How long each look takes, so that a moment tells nothing.</summary>
    public static readonly TimeSpan Look = TimeSpan.FromMilliseconds(100);

    private long _since = clock.GetTimestamp();
    private TimeSpan _before = used();
    private bool _isBusy;

    /// <summary>The finding of the last look. For one caller at a time, who asks again and again: the first answer after a pause is that of the pause.</summary>
    public bool IsBusy
    {
        get
        {
            var elapsed = clock.GetElapsedTime(_since);
            if (elapsed < Look)
                return _isBusy;
            var now = used();
            _isBusy = now - _before >= Busy * processors * elapsed;
            (_since, _before) = (clock.GetTimestamp(), now);
            return _isBusy;
        }
    }

    /// <summary>The use of this process.</summary>
    /// <param name="clock">The clock.</param>
    public static ProcessorUse OfThisProcess(TimeProvider clock) => new(clock, Environment.ProcessorCount, static () => Environment.CpuUsage.TotalTime);
}
