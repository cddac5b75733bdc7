using System.Threading.Channels;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OrleansChat.Core.Actors;
using OrleansChat.Core.Errors;
using OrleansChat.Core.Search.Migrations;

namespace OrleansChat.GatewayApi.Search;

/// <summary>
/// Works on the migrations of all collections: those that were started here at once, and those that another process left or a step of which failed,
/// every few seconds. Of several gateways one at a time has the work.
/// </summary>
internal sealed partial class MigrationService(
    IActorDirectory actors, CollectionMigrations migrations, MigrationRunner runner, TimeProvider time, ILogger<MigrationService> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    // One pending wake is as good as many.
    private readonly Channel<bool> _wakes = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        migrations.Changed += Wake;
        using var timer = time.CreateTimer(_ => Wake(), null, Interval, Interval);
        try
        {
            while (true)
            {
                await _wakes.Reader.ReadAsync(stoppingToken);
                await RunAllAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // What is not done is gone on with at the next start.
        }
        finally
        {
            migrations.Changed -= Wake;
        }
    }

    private async Task RunAllAsync(CancellationToken stoppingToken)
    {
        try
        {
            foreach (var collection in await actors.Collections().ListAsync(stoppingToken))
                await runner.RunAsync(collection, stoppingToken);
        }
        catch (Exception failure) when (failure is OrleansChatException or TimeoutException)
        {
            LogFailed(failure);
        }
    }

    private void Wake() => _wakes.Writer.TryWrite(true);

    [LoggerMessage(1, LogLevel.Warning, "Migrations could not be worked on; it is tried again.")]
    private partial void LogFailed(Exception failure);
}
