namespace OrleansChat.Core.Actors;

/// <summary>Something that an operation holds for a time. Its lease is a promise of its holder to be heard of.</summary>
/// <param name="id">The operation.</param>
/// <param name="since">When it began, in ticks.</param>
internal abstract class Leased(string id, long since)
{
    /// <summary>The operation.</summary>
    public string Id { get; } = id;

    /// <summary>When it began, in ticks.</summary>
    public long Since { get; } = since;

    /// <summary>Whether another scope may still refuse the operation.</summary>
    public bool Tentative { get; set; }

    /// <summary>When it ends without a further sign of life, in ticks.</summary>
    public long Deadline { get; set; }

    /// <summary>When it ends once it is confirmed, in ticks.</summary>
    public long LeaseEnd { get; set; }

    /// <summary>Whether a table holds it; kept by <see cref="LeaseTable{T}"/>.</summary>
    public bool IsHeld { get; set; }

    /// <summary>The one that ends before it; kept by <see cref="LeaseOrder"/>.</summary>
    public Leased? Previous { get; set; }

    /// <summary>The one that ends after it; kept by <see cref="LeaseOrder"/>.</summary>
    public Leased? Next { get; set; }

    /// <summary>How long something tentative stands: far longer than asking all other scopes takes.</summary>
    public static readonly TimeSpan TentativeLease = TimeSpan.FromSeconds(5);
}
