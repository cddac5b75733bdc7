namespace OrleansChat.Core.Costs;

/// <summary>
/// Reservations that were charged at their estimate, as long as a late settlement corrects them: a day, whatever becomes of the activation.
/// </summary>
internal sealed class ChargedEstimates
{
    /// <summary>Above this many the oldest is final: a record that grew with every dead caller would slow every settlement.</summary>
    private const int Most = 1_000;

    private static readonly TimeSpan CorrectionTime = TimeSpan.FromDays(1);

    private readonly Dictionary<string, ChargedEstimate> _byId = new(StringComparer.Ordinal);
    private readonly Queue<ChargedEstimate> _oldestFirst = new();

    /// <summary>All, oldest first.</summary>
    public IEnumerable<ChargedEstimate> All => _oldestFirst.Where(IsHeld);

    /// <summary>Takes in a charge; one that is known stays as it is.</summary>
    /// <param name="operationId">The operation.</param>
    /// <param name="nanoUsd">The estimate, in nano-dollars.</param>
    /// <param name="freeTokens">The free tokens that it counted as used.</param>
    /// <param name="now">Now, in ticks.</param>
    public void Add(string operationId, long nanoUsd, long freeTokens, long now) =>
        Restore(new ChargedEstimate(operationId, nanoUsd, now + CorrectionTime.Ticks) { FreeTokens = freeTokens });

    /// <summary>Takes in a stored charge.</summary>
    /// <param name="estimate">The charge; charges come in the order in which they were made.</param>
    public void Restore(ChargedEstimate estimate)
    {
        if (!_byId.TryAdd(estimate.Id, estimate))
            return;

        _oldestFirst.Enqueue(estimate);
        while (_byId.Count > Most)
            Drop();
    }

    /// <summary>Finds what an operation was charged.</summary>
    /// <param name="operationId">The operation.</param>
    /// <returns>The charge; null where it was not charged at an estimate.</returns>
    public ChargedEstimate? Find(string operationId) => _byId.GetValueOrDefault(operationId);

    /// <summary>An estimate was corrected.</summary>
    /// <param name="operationId">The operation.</param>
    public void Remove(string operationId) => _byId.Remove(operationId);

    /// <summary>Lets time pass: what is too old is final.</summary>
    /// <param name="now">Now, in ticks.</param>
    public void Advance(long now)
    {
        while (_oldestFirst.TryPeek(out var oldest) && (oldest.Until <= now || !IsHeld(oldest)))
            Drop();
    }

    private bool IsHeld(ChargedEstimate estimate) => _byId.TryGetValue(estimate.Id, out var held) && ReferenceEquals(held, estimate);

    private void Drop()
    {
        var oldest = _oldestFirst.Dequeue();
        if (IsHeld(oldest))
            _byId.Remove(oldest.Id);
    }
}
