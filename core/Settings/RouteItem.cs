using System.ComponentModel.DataAnnotations;

namespace OrleansChat.Core.Settings;

/// <summary>
/// A target of a model's route: in settings its name alone, or an object that gives it a weight too. Neighbours with weights share the traffic
/// by them; what has no weight is tried in its place.
/// </summary>
[Shorthand(nameof(Target))]
public sealed record RouteItem
{
    /// <summary><c>upstream/model</c>, or the id of another model, whose targets stand in its place.</summary>
    public string Target { get; init; } = "";

    /// <summary>Its share among its neighbours with weights, 1 to 1,000,000; null for none.</summary>
    [Range(1, 1_000_000)]
    public int? Weight { get; init; }

    /// <summary>A target without a weight.</summary>
    /// <param name="target">The target.</param>
    public static implicit operator RouteItem(string target) => FromString(target);

    /// <summary>A target without a weight.</summary>
    /// <param name="target">The target.</param>
    /// <returns>The item.</returns>
    public static RouteItem FromString(string target) => new() { Target = target };

    /// <summary>The target.</summary>
    public override string ToString() => Target;
}
