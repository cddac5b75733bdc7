using System.Text.Json.Serialization;

namespace OrleansChat.Core.Errors.Incidents;

/// <summary>Failures of one cause across requests, raised once.</summary>
public sealed record Incident
{
    /// <summary>Its id.</summary>
    public required string Id { get; init; }

    /// <summary>Where it fails.</summary>
    public required string Layer { get; init; }

    /// <summary>The problem's code.</summary>
    public required string Code { get; init; }

    /// <summary>The upstream, where it is one.</summary>
    public string? Subject { get; init; }

    /// <summary>The types of the exceptions, from the one that was told to the one behind it all.</summary>
    public required IReadOnlyList<string> Causes { get; init; }

    /// <summary>What clients are told.</summary>
    public required string Detail { get; init; }

    /// <summary>What the operator can do.</summary>
    public required string Cure { get; init; }

    /// <summary>Failures so far.</summary>
    public required long Count { get; init; }

    /// <summary>When it failed first.</summary>
    public required DateTimeOffset FirstAt { get; init; }

    /// <summary>When it failed last.</summary>
    public required DateTimeOffset LastAt { get; init; }

    /// <summary>Whether it goes on: it has failed within a quarter of an hour.</summary>
    public required bool Open { get; init; }

    /// <summary>The newest failures' correlation ids.</summary>
    public required IReadOnlyList<string> CorrelationIds { get; init; }

    /// <summary>What its failures have in common.</summary>
    [JsonIgnore]
    internal string Pattern => FailureReport.PatternOf(Layer, Code, Subject, Causes);
}
