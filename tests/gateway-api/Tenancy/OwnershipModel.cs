namespace OrleansChat.GatewayApi.Tests.Tenancy;

/// <summary>A session as the model knows it.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Owner">Who made it.</param>
/// <param name="Marker">A word that is in its title, and in nothing of any other session.</param>
internal sealed record ModelSession(string Id, Tenant Owner, string Marker)
{
    /// <summary>The team that it is shared with; null for none.</summary>
    public string? SharedWith { get; set; }

    /// <summary>Whether it was deleted.</summary>
    public bool IsGone { get; set; }

    /// <summary>Its turns.</summary>
    public List<string> Turns { get; } = [];

    /// <summary>Its messages, as its owner's last export had them.</summary>
    public IReadOnlyList<string> Messages { get; set; } = [];

    /// <summary>Its kept responses.</summary>
    public List<string> Responses { get; } = [];

    /// <summary>All that its owner saw of it after the last change by somebody who may change it.</summary>
    public string Seen { get; set; } = "";
}

/// <summary>Who owns what, and who may see it: a list that is looked through.</summary>
internal sealed class OwnershipModel
{
    private int _markers;

    /// <summary>All sessions, deleted ones too.</summary>
    public List<ModelSession> Sessions { get; } = [];

    /// <summary>The keys of idempotent calls that were answered, each with who made it.</summary>
    public HashSet<(Tenant, string)> Operations { get; } = [];

    /// <summary>The questions that were answered, each with who asked.</summary>
    public HashSet<(Tenant, string)> Questions { get; } = [];

    /// <summary>A word that nothing has yet.</summary>
    public string NewMarker() => $"marker{++_markers:D4}x";

    /// <summary>Whether a key may see a session.</summary>
    public static bool MaySee(Tenant tenant, ModelSession session) =>
        !session.IsGone && (session.Owner == tenant || (session.SharedWith is not null && session.SharedWith == tenant.Team));

    /// <summary>The sessions that a key may see.</summary>
    public IEnumerable<ModelSession> VisibleTo(Tenant tenant) => Sessions.Where(session => MaySee(tenant, session));

    /// <summary>Those that are not there for a key.</summary>
    public IEnumerable<ModelSession> HiddenFrom(Tenant tenant) => Sessions.Where(session => !MaySee(tenant, session));

    /// <summary>The living session of an id; null for none.</summary>
    public ModelSession? Find(string id) => Sessions.Find(session => session.Id == id && !session.IsGone);
}
