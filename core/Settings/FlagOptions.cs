using System.ComponentModel.DataAnnotations;

namespace OrleansChat.Core.Settings;

/// <summary>A feature flag: for the keys that it names, and, where it is on, for a share of everybody else.</summary>
public sealed record FlagOptions
{
    /// <summary>Its id: letters, digits, '.', '_' and '-', at most 64.</summary>
    public string Id { get; init; } = "";

    /// <summary>Whether it is on for others than <see cref="Keys"/>.</summary>
    /// <value>The default is <see langword="false"/>.</value>
    public bool On { get; init; }

    /// <summary>The share of sessions, or of keys where there is no session, that have it while it is on, in per cent.</summary>
    /// <value>The default is 100.</value>
    [Range(0.0, 100.0)]
    public double Percent { get; init; } = 100;

    /// <summary>The ids of the keys that have it in any case.</summary>
    public IReadOnlyList<string> Keys { get; init; } = [];
}
