using OrleansChat.Core.Actors;
using OrleansChat.Core.Sessions.Running;
using OrleansChat.Core.Sessions.Search;

namespace OrleansChat.Core.Sessions;

/// <summary>Removes a session with all that belongs to it; a removal that a crash cuts short is finished by the next activation.</summary>
internal sealed class SessionRemoval(
    SessionStore store,
    SessionLife life,
    SessionListing listing,
    ConversationIndexing indexing,
    SessionSummaries summaries,
    TurnWorker worker,
    IActorContext context)
{
    /// <summary>Removes the session, durably. No turn runs any more.</summary>
    public async ValueTask RemoveAsync(CancellationToken cancellationToken)
    {
        await summaries.StopAsync();
        await worker.Register.AddAsync(store.Id, store.Id, cancellationToken);

        // From here on the session is gone for everybody; a crash leaves only pages to be cleared.
        store.Head.Deleting = true;
        await store.FlushAsync();
        await indexing.SettleAsync();
        await ClearAsync(CancellationToken.None);
        context.Deactivate();
    }

    /// <summary>Clears what is left of a session that is gone.</summary>
    public async ValueTask ClearAsync(CancellationToken cancellationToken)
    {
        await listing.RemoveAsync(cancellationToken);
        await life.UnscheduleAsync(cancellationToken);
        await store.ClearAsync();
        await worker.Register.RemoveAsync(store.Id, store.Id, CancellationToken.None);
    }
}
