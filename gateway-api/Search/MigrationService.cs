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

    private readonly SemaphoreSlim _changed = new(0);

    /// <inheritdoc/>
    public override void Dispose()
    {
        _changed.Dispose();
        base.Dispose();
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        migrations.Changed += Wake;
        using var timer = time.CreateTimer(_ => Wake(), null, Interval, Interval);
        try
        {
            while (true)
            {
                await _changed.WaitAsync(stoppingToken);
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

    // One pending wake is as good as many.
    private void Wake()
    {
        if (_changed.CurrentCount == 0)
            _changed.Release();
    }

    [LoggerMessage(1, LogLevel.Warning, "Migrations could not be worked on; it is tried again.")]
    private partial void LogFailed(Exception failure);
}
