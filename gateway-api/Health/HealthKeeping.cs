// Compiled into silos too, where some of these usings are implicit.
#pragma warning disable IDE0005
using Microsoft.Extensions.Hosting;
using OrleansChat.Core.Errors.Incidents;
using OrleansChat.Core.Health.Sla;
#pragma warning restore IDE0005

namespace OrleansChat.GatewayApi.Health;

/// <summary>
/// Keeps this process and the owners of incidents and of the history of health up to date with each other, and tells them the last of it before a stop in
/// order.
/// </summary>
internal sealed class HealthKeeping(SlaRecorder sla, IncidentExchange incidents, TimeProvider clock) : IHostedLifecycleService, IDisposable
{
    private const int RoundsOfHistory = 12;

    private static readonly TimeSpan Period = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(3);

    private readonly CancellationTokenSource _stopping = new();
    private Task _keeping = Task.CompletedTask;

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken)
    {
        _keeping = KeepAsync(_stopping.Token);
        return Task.CompletedTask;
    }

    /// <summary>Runs before anything is stopped: the owners can still be reached.</summary>
    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        await _keeping;
        using var limit = new CancellationTokenSource(StopLimit, clock);
        await sla.ReportAsync(limit.Token);
        await incidents.ExchangeAsync(limit.Token);
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => _stopping.Dispose();

    private async Task KeepAsync(CancellationToken stop)
    {
        using var timer = new PeriodicTimer(Period, clock);
        var round = 0;
        do
        {
            await incidents.ExchangeAsync(stop);

            // Until the owner has answered once, the windows of before are missing here.
            if (round % RoundsOfHistory == 0 && !await sla.ReportAsync(stop))
                round = -1;
            round++;
        }
        while (await TickAsync(timer, stop));
    }

    private static async ValueTask<bool> TickAsync(PeriodicTimer timer, CancellationToken stop)
    {
        try
        {
            return await timer.WaitForNextTickAsync(stop);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }
}
