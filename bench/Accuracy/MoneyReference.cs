using OrleansChat.Core.Costs;

namespace OrleansChat.Bench.Accuracy;

/// <summary>What one scope's ledger must say: every call that its upstream billed, by the upstream's own count.</summary>
/// <param name="scope">The scope's name.</param>
/// <param name="budget">Its budget; null for a ledger alone.</param>
internal sealed class MoneyReference(string scope, Budget? budget)
{
    private readonly Dictionary<string, Call> _calls = new(StringComparer.Ordinal);

    /// <summary>The scope's name.</summary>
    public string Scope { get; } = scope;

    /// <summary>Its budget.</summary>
    public Budget? Budget { get; } = budget;

    /// <summary>By how much the spend may pass the budget: what upstreams billed above the reservation, or after its lease.</summary>
    public long Excess { get; set; }

    /// <summary>The upstreams' own count, in nano-dollars: what was served and settled.</summary>
    public long Billed => _calls.Values.Where(call => call.State == CallState.Settled).Sum(call => call.Bill);

    /// <summary>Whether an operation was settled.</summary>
    /// <param name="operationId">The operation.</param>
    /// <returns>Whether it was.</returns>
    public bool IsSettled(string operationId) => _calls.TryGetValue(operationId, out var call) && call.State == CallState.Settled;

    /// <summary>Adds a call that has money set aside here, or may have.</summary>
    /// <param name="call">The call.</param>
    public void Add(Call call) => _calls[call.Request.OperationId] = call;

    /// <summary>What must be set aside, and what may be, in nano-dollars.</summary>
    /// <param name="now">Now, in ticks.</param>
    /// <returns>Both.</returns>
    public (long Least, long Most) Reserved(long now) => (
        _calls.Values.Where(call => call.IsOpen(now)).Sum(call => call.Grant!.ReservedNanoUsd),
        _calls.Values.Where(call => call.MayBeOpen(now)).Sum(AccuracyPrice.Reserve));

    /// <summary>Compares a ledger with the upstreams' count.</summary>
    /// <param name="entries">The ledger.</param>
    /// <param name="lostInKill">Whether a call that nobody settled may be missing, since it was young when the process died.</param>
    /// <returns>What is wrong; empty as it should be.</returns>
    public IEnumerable<string> Compare(IReadOnlyCollection<LedgerEntry> entries, Func<Call, bool> lostInKill)
    {
        var byOperation = entries.ToLookup(entry => entry.OperationId, StringComparer.Ordinal);
        foreach (var group in byOperation.Where(group => !_calls.ContainsKey(group.Key)))
            yield return $"{Scope}: {group.Sum(entry => entry.NanoUsd)} booked for {group.Key}, which was never admitted";

        foreach (var (id, call) in _calls)
        {
            var booked = byOperation[id].Sum(entry => entry.NanoUsd);
            var estimate = AccuracyPrice.Reserve(call);
            var right = call.State switch
            {
                CallState.Settled => booked == call.Bill,
                CallState.Abandoned => booked == estimate || (booked == 0 && lostInKill(call)),
                CallState.HalfSettled => booked == call.Bill || booked == estimate || (booked == 0 && lostInKill(call)),
                CallState.Unknown => booked == 0 || booked == estimate,
                _ => booked == 0,
            };
            if (!right)
                yield return $"{Scope}: {id} ({call.State}) is booked at {booked}, billed {call.Bill}, estimated {estimate}";
        }
    }
}
