using Microsoft.Extensions.Hosting;
using OrleansChat.Core.Health.Sla;

namespace OrleansChat.GatewayApi.Health;

/// <summary>Keeps the history of health at a stop in order; between, it is kept every minute.</summary>
internal sealed class SlaKeeping(SlaRecorder sla) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        try
        {
            await sla.SaveAsync(cancellationToken);
        }
        catch (Exception fault) when (fault is not OperationCanceledException)
        {
            // A store that takes nothing is known by now; the stop goes on.
        }
    }
}
