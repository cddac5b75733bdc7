namespace OrleansChat.Core.Costs;

/// <summary>
/// What a cost tracker tells a visitor who asks several scopes at once: whether it would reserve without any wait, and then, within the same visit, that
/// it is to do so. Whatever is not plain is left to <see cref="ICostTrackerActor.ReserveAsync"/>.
/// </summary>
internal interface IVisitedTracker
{
    /// <summary>Whether a new reservation fits, has nobody before it, and is within the durable record. Nothing is set aside.</summary>
    /// <param name="request">The request; not tentative.</param>
    /// <param name="isNew">Whether no scope has ever heard of its operation, so that it need not be looked up.</param>
    /// <returns>Whether <see cref="Take"/> may follow.</returns>
    bool MayTake(CostReservationRequest request, bool isNew);

    /// <summary>Makes the reservation, for good.</summary>
    /// <param name="request">The request that <see cref="MayTake"/> was asked about in this visit.</param>
    void Take(CostReservationRequest request);
}
