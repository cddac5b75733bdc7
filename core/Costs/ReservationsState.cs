namespace OrleansChat.Core.Costs;

/// <summary>
/// The open reservations of a budget as they are stored, apart from its book: state <c>open</c>, and for those that do not fit in it chunks
/// <c>open/{Generation % 2}/{n}</c>, which are written before the record that counts them.
/// </summary>
public sealed class ReservationsState
{
    /// <summary>Which of the two sets of chunks belongs to this record.</summary>
    public long Generation { get; set; }

    /// <summary>Chunks beside this record.</summary>
    public int Chunks { get; set; }

    /// <summary>Entries that the ledger had: what a later entry names is no longer open.</summary>
    public long Entries { get; set; }

    /// <summary>Everything that had ever been reserved and is told of here, in nano-dollars.</summary>
    public Int128 GrantedNanoUsd { get; set; }

    /// <summary>The longest that a reservation may last which is not told of here, in ticks.</summary>
    public long LeaseTicks { get; set; }

    /// <summary>The first of the reservations.</summary>
    public List<StoredReservation> Reservations { get; set; } = [];
}

/// <summary>Further open reservations.</summary>
public sealed class ReservationsChunk
{
    /// <summary>The reservations.</summary>
    public List<StoredReservation> Reservations { get; set; } = [];
}

/// <summary>An open reservation as it is stored.</summary>
/// <param name="Id">The operation.</param>
/// <param name="Since">When it was made, in ticks of UTC.</param>
/// <param name="NanoUsd">What it sets aside, in nano-dollars.</param>
/// <param name="LeaseEnd">When its lease runs out, in ticks of UTC.</param>
/// <param name="Subject">Who and what it is for.</param>
public sealed record StoredReservation(string Id, long Since, long NanoUsd, long LeaseEnd, LedgerSubject Subject)
{
    /// <summary>The free tokens that it holds.</summary>
    public long FreeTokens { get; init; }
}
