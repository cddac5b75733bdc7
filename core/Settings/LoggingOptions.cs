namespace OrleansChat.Core.Settings;

/// <summary>Logs.</summary>
public sealed record LoggingOptions
{
    /// <summary>The lowest level that is written: <c>Trace</c>, <c>Debug</c>, <c>Information</c>, <c>Warning</c>, <c>Error</c>, <c>Critical</c> or <c>None</c>.</summary>
    /// <value>The default is <c>Information</c>.</value>
    public string Level { get; init; } = "Information";

    /// <summary>Whether lines are JSON objects.</summary>
    /// <value>The default is <see langword="false"/>: text for people.</value>
    public bool Json { get; init; }

    /// <summary>Whether every request is told in a line, with its route, status, key and duration, and every turn with its status and duration.</summary>
    /// <value>The default is <see langword="false"/>.</value>
    public bool Requests { get; init; }
}
