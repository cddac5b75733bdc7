using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging;
using OrleansChat.Core.Actors;
using OrleansChat.Core.Settings;

namespace OrleansChat.Core.Costs.Alerts;

/// <summary>
/// Tells of the thresholds that a scope has reached, once each is on record: by log, metric and channels. Nobody waits for it. What a channel
/// did not take is on record as untold, and told again by a later activation.
/// </summary>
internal sealed partial class AlertDelivery(
    CostBook book, BookRecord record, IReadOnlyList<IBudgetAlertChannel> channels, IActorContext context, TimeProvider time, ILogger logger, CostMetrics metrics)
{
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1);

    private readonly HashSet<string> _announced = new(StringComparer.Ordinal);
    private CancellationTokenSource? _running;
    private bool _stopped;

    /// <summary>Takes up what the activation before this one raised: it was announced, and is only to be sent.</summary>
    public void Restore()
    {
        foreach (var raised in book.Balance.Thresholds.Raised)
            _announced.Add(IdOf(raised));
    }

    /// <summary>Tells before long of what is untold.</summary>
    /// <param name="options">How often a channel is tried.</param>
    public void Soon(BudgetAlertOptions options)
    {
        if (_running is null && book.Balance.Thresholds.HasUntold && !_stopped)
            _ = RunAsync(options);
    }

    /// <summary>Ends it; what is untold stays so.</summary>
    public void Stop()
    {
        _stopped = true;
        _running?.Cancel();
    }

    private async Task RunAsync(BudgetAlertOptions options)
    {
        using var stop = new CancellationTokenSource();
        _running = stop;
        try
        {
            // What is reached while the last record is written has nobody else to tell of it.
            while (book.Balance.Thresholds.HasUntold)
            {
                await record.FlushAsync();
                while (book.Balance.Thresholds.NextUntold is { } raised)
                {
                    var alert = AlertOf(raised);
                    Announce(alert);
                    foreach (var channel in channels)
                        await SendAsync(channel, alert, options, stop.Token);

                    book.Told(raised);
                }

                await record.FlushAsync();
            }
        }
        catch (Exception fault)
        {
            if (!_stopped)
                LogUntold(context.Key, fault);
        }
        finally
        {
            _running = null;
        }
    }

    private void Announce(BudgetAlert alert)
    {
        if (!_announced.Add(alert.Id))
            return;

        LogReached(alert.Scope, alert.Percent, NanoUsd.ToUsd(alert.SpentNanoUsd), NanoUsd.ToUsd(alert.LimitNanoUsd), alert.WindowEnd);
        metrics.CountThreshold(alert.Scope, alert.Percent);
    }

    private async ValueTask SendAsync(IBudgetAlertChannel channel, BudgetAlert alert, BudgetAlertOptions options, CancellationToken stop)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                context.DelayDeactivation(options.Timeout + LongestPause);
                await channel.SendAsync(alert, stop);
                return;
            }
            catch (Exception fault) when (attempt < options.Attempts && !_stopped)
            {
                LogNotTaken(alert.Scope, attempt, fault);
                var pause = TimeSpan.FromSeconds(Math.Min(1 << Math.Min(attempt - 1, 16), LongestPause.TotalSeconds));
                await Task.Delay(pause, time, stop);
            }
        }
    }

    private BudgetAlert AlertOf(RaisedThreshold raised)
    {
        var (start, end) = book.Balance.BoundsOf(raised.Window, raised.FirstDay);
        return new BudgetAlert(
            IdOf(raised), context.Key, raised.Percent, raised.SpentNanoUsd, raised.LimitNanoUsd, raised.Window, start, end, raised.At);
    }

    /// <summary>An id that the same event has in every process.</summary>
    private string IdOf(RaisedThreshold raised)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"{context.Key}|{raised.Window}|{raised.FirstDay}|{raised.Percent}");
        return $"budget_{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name)).AsSpan(0, 16))}";
    }

    [LoggerMessage(410, LogLevel.Warning, "Scope {Scope} has spent {Percent} % of its budget: {SpentUsd} of {LimitUsd} USD in the window that ends at {WindowEnd}")]
    private partial void LogReached(string scope, int percent, decimal spentUsd, decimal limitUsd, DateTimeOffset? windowEnd);

    [LoggerMessage(411, LogLevel.Warning, "The budget alert of scope {Scope} was not taken at attempt {Attempt}; it is sent again")]
    private partial void LogNotTaken(string scope, int attempt, Exception fault);

    [LoggerMessage(412, LogLevel.Warning, "A budget alert of scope {Scope} could not be sent; a later activation sends it")]
    private partial void LogUntold(string scope, Exception fault);
}
