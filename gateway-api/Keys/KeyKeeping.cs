// Compiled into silos too, where some of these usings are implicit.
#pragma warning disable IDE0005
using Microsoft.Extensions.Hosting;
using OrleansChat.Core.Keys;
#pragma warning restore IDE0005

namespace OrleansChat.GatewayApi.Keys;

/// <summary>
/// Follows the owner of the keys once the process has started: on a cluster nobody answers before, and what was asked so early is a fault in the log of each start.
/// </summary>
internal sealed class KeyKeeping(KeyWatch watch) : IHostedLifecycleService
{
    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken)
    {
        watch.Start();
        return Task.CompletedTask;
    }

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
