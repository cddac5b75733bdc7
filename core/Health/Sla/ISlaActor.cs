namespace OrleansChat.Core.Health.Sla;

/// <summary>The one owner of the history of health: all processes count into the same windows, and the windows survive them all.</summary>
public interface ISlaActor
{
    /// <summary>Takes the looks of a process in; a repeat of the same report changes nothing.</summary>
    /// <param name="report">The looks.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The windows after it.</returns>
    ValueTask<SlaWindows> ReportAsync(SlaReport report, CancellationToken cancellationToken);

    /// <summary>The windows as they are now.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The windows.</returns>
    ValueTask<SlaWindows> ReadAsync(CancellationToken cancellationToken);
}

/// <summary>The looks of a process since its report before.</summary>
/// <param name="Source">The process: a name that no other has.</param>
/// <param name="Sequence">The report's number: a repeat changes nothing.</param>
/// <param name="Looks">The looks.</param>
public sealed record SlaReport(string Source, long Sequence, IReadOnlyList<SlaHour> Looks);

/// <summary>The looks of a component in an hour.</summary>
/// <param name="Component">The component.</param>
/// <param name="Hour">The hour, counted from 1970.</param>
/// <param name="Good">Looks that found the component at work.</param>
/// <param name="Total">All looks.</param>
public sealed record SlaHour(string Component, long Hour, int Good, int Total);

/// <summary>The windows of all components.</summary>
/// <param name="Components">The looks of each component.</param>
public sealed record SlaWindows(Dictionary<string, SlaLooks> Components);
