namespace OrleansChat.Core.Costs;

/// <summary>
/// Reservations that were taken back though the record still tells of them. Each names the last record that does: the operation may be made again, and a later
/// record's word of it holds.
/// </summary>
internal sealed class TakenBackReservations
{
    private readonly List<TakenBack> _all = [];

    /// <summary>All, as they are stored.</summary>
    public IReadOnlyList<TakenBack> All => _all;

    /// <summary>A recorded reservation was taken back.</summary>
    /// <param name="operationId">The operation.</param>
    /// <param name="generation">The latest record that tells of it.</param>
    public void Add(string operationId, long generation) => _all.Add(new TakenBack(operationId, generation));

    /// <summary>A record is durable: what earlier ones tell of no longer counts.</summary>
    /// <param name="generation">The record's generation.</param>
    public void Forget(long generation) => _all.RemoveAll(taken => taken.Generation < generation);

    /// <summary>Learns which record there is. One after it may have been begun, but was never written, and its number is given again.</summary>
    /// <param name="generation">The record's generation.</param>
    /// <returns>The operations that it tells of and that were taken back.</returns>
    public IEnumerable<string> Recall(long generation)
    {
        Forget(generation);
        for (var i = 0; i < _all.Count; i++)
            _all[i] = _all[i] with { Generation = generation };

        return _all.Select(taken => taken.Id);
    }

    /// <summary>Takes up what is stored.</summary>
    /// <param name="state">The ledger's record.</param>
    public void Restore(CostTrackerState state)
    {
        _all.AddRange(state.TakenBack);
        _all.AddRange((state.Released ?? []).Select(id => new TakenBack(id, long.MaxValue)));
    }
}
