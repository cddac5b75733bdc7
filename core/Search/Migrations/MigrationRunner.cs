using Microsoft.Extensions.Logging;
using OrleansChat.Core.Actors;
using OrleansChat.Core.Errors;
using OrleansChat.Core.Search.Embedding;
using OrleansChat.Core.Search.Ingestion;
using OrleansChat.Core.Search.Metering;
using OrleansChat.Core.Search.Stores;
using OrleansChat.Core.Search.Trials;

namespace OrleansChat.Core.Search.Migrations;

/// <summary>
/// Does the work of migrations, a page of documents at a time. It keeps nothing: where it goes on, the collection's actor knows, and every step may be
/// done twice, at the same time or long after the other, as a document takes its place only where no later revision of it is.
/// </summary>
/// <param name="actors">The collections' owners.</param>
/// <param name="store">Where documents are.</param>
/// <param name="embeddings">The embedding models.</param>
/// <param name="trials">Tries a model before its version answers queries.</param>
/// <param name="options">Sizes.</param>
/// <param name="logger">Told of failures.</param>
public sealed partial class MigrationRunner(
    IActorDirectory actors, IVectorStore store, SearchEmbeddings embeddings, ModelTrials trials, IngestionOptions options, ILogger<MigrationRunner> logger)
{
    private readonly string _worker = Guid.NewGuid().ToString();

    /// <summary>How many documents are one step.</summary>
    /// <value>Default 100; at least 1.</value>
    public int PageSize { get; init; } = 100;

    /// <summary>Does what there is to do for a collection, until a step fails or nothing is left.</summary>
    /// <param name="collection">The collection's name.</param>
    /// <param name="cancellationToken">Stops between two steps.</param>
    /// <returns>Whether a step failed, so that trying again in a while may help.</returns>
    public async Task<bool> RunAsync(string collection, CancellationToken cancellationToken)
    {
        var actor = actors.Collection(collection);
        while (await actor.LeaseMigrationAsync(_worker, cancellationToken) is { } work)
        {
            var progress = new MigrationProgress { Phase = work.Phase, Pass = work.Pass, Lease = work.Lease, Cursor = work.Cursor };
            try
            {
                if (await StepAsync(actor, work, progress, cancellationToken) is not { } done)
                    continue;
                progress = done;
            }
            catch (OrleansChatException failure)
            {
                LogFailed(collection, work.Phase, failure);
                progress = progress with { Failure = failure.Problem };
            }

            await actor.ReportMigrationAsync(work.Id, progress, cancellationToken);
            if (progress.Failure is not null)
                return true;
        }

        return false;
    }

    private async Task<MigrationProgress?> StepAsync(
        ICollectionActor actor, MigrationWork work, MigrationProgress progress, CancellationToken cancellationToken)
    {
        var step = new MigrationStep(store, embeddings, options, work, new MigrationLease(actor, _worker, work), PageSize);
        switch (work.Phase)
        {
            case MigrationPhase.Filling or MigrationPhase.Checking:
                return await step.CopyAsync(progress, cancellationToken);
            case MigrationPhase.Pruning:
                return await step.PruneAsync(progress, cancellationToken);
            default:
                if (await trials.TryAsync(work.Target, SearchPayer.System, cancellationToken) is { } trial)
                    await actor.ReportTrialAsync(work.Target.Version.Number, trial, cancellationToken);
                var validation = new MigrationValidation(store, embeddings);
                return await validation.RunAsync(work, progress, cancellationToken);
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "A step of a migration of collection {Collection} failed while {Phase}; it is tried again.")]
    private partial void LogFailed(string collection, MigrationPhase phase, Exception failure);
}
