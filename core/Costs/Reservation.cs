using OrleansChat.Core.Actors;

namespace OrleansChat.Core.Costs;

/// <summary>Money set aside for an operation that is under way.</summary>
/// <param name="id">The operation.</param>
/// <param name="since">When it was set aside, in ticks.</param>
internal sealed class Reservation(string id, long since) : Leased(id, since)
{
    /// <summary>The free tokens that it holds.</summary>
    public long FreeTokens { get; init; }

    /// <summary>Nano-dollars, beside the free tokens.</summary>
    public required long NanoUsd { get; init; }

    /// <summary>The generation of the latest record that tells of it, whose reader must be told of its end too; null while none does.</summary>
    public long? RecordedIn { get; set; }

    /// <summary>Whether it is from the record of an activation that is over.</summary>
    public bool IsRestored { get; init; }

    /// <summary>Who and what it is for.</summary>
    public required LedgerSubject Subject { get; init; }
}
