namespace OrleansChat.Core.Search.Migrations;

/// <summary>A worker's hold on a step. Who asks keeps the work for another <see cref="MigrationLedger.LeaseTime"/>.</summary>
/// <param name="actor">The collection's owner, who gives the work out.</param>
/// <param name="worker">The worker.</param>
/// <param name="work">The step.</param>
internal sealed class MigrationLease(ICollectionActor actor, string worker, MigrationWork work)
{
    /// <summary>
    /// Whether the step is still this worker's: nobody has taken it over, ended it or paused it. It is asked before anything is written, which spares what
    /// would be done in vain; a worker that stands still between the answer and the write does no harm either, as <see cref="MigrationStep"/> says.
    /// </summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Whether it is.</returns>
    public async ValueTask<bool> IsHeldAsync(CancellationToken cancellationToken) =>
        await actor.LeaseMigrationAsync(worker, cancellationToken) is { } now
        && (now.Id, now.Pass, now.Cursor, now.Lease) == (work.Id, work.Pass, work.Cursor, work.Lease);

    /// <summary>Has the documents gone through once more after this pass.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>A task.</returns>
    public ValueTask GoThroughAgainAsync(CancellationToken cancellationToken) =>
        actor.ReportMigrationAsync(work.Id, new MigrationProgress { Phase = work.Phase, IsBehind = true }, cancellationToken);
}
