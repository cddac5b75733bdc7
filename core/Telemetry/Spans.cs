using System.Diagnostics;

namespace OrleansChat.Core.Telemetry;

/// <summary>
/// Spans of this product. They cost nothing while nobody listens. No span carries what a user or a model wrote.
/// </summary>
public static class Spans
{
    private static readonly ActivitySource Source = new(TelemetryNames.Source);

    /// <summary>Whether a span would be recorded: somebody listens, and what runs is in no trace that is left out.</summary>
    public static bool AreWanted => Source.HasListeners() && Activity.Current is not { IsAllDataRequested: false };

    /// <summary>Begins a span within the current one.</summary>
    /// <param name="name">Its name, of which there are few.</param>
    /// <param name="kind">Whether it calls another process.</param>
    /// <returns>The span, ended by disposing it; null when it is not wanted.</returns>
    public static Activity? Start(string name, ActivityKind kind = ActivityKind.Internal) => AreWanted ? Source.StartActivity(name, kind) : null;

    /// <summary>Begins a span that began before, as one that is told only where it took time.</summary>
    /// <param name="name">Its name, of which there are few.</param>
    /// <param name="began">When it began.</param>
    /// <returns>The span, ended by disposing it; null when it is not wanted.</returns>
    public static Activity? StartAt(string name, DateTimeOffset began) =>
        AreWanted ? Source.StartActivity(ActivityKind.Internal, startTime: began, name: name) : null;

    /// <summary>Marks a span as failed.</summary>
    /// <param name="span">The span; null for none.</param>
    /// <param name="fault">Why.</param>
    public static void Fail(this Activity? span, Exception fault)
    {
        ArgumentNullException.ThrowIfNull(fault);
        if (span is null)
            return;

        span.SetTag(TelemetryNames.Error, ErrorType.Of(fault));
        span.SetStatus(ActivityStatusCode.Error);
    }
}
