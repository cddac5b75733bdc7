namespace OrleansChat.Core.Settings;

/// <summary>The protocols that upstream adapters exist for; a setting that names another one stops the start.</summary>
public static class SpokenKinds
{
    /// <summary>The kinds, in the order in which they are declared.</summary>
    public static IReadOnlyList<UpstreamKind> All { get; } = Enum.GetValues<UpstreamKind>();
}
