namespace OrleansChat.Core.Telemetry;

/// <summary>Metrics whose values have to be asked for. Register as many as there are; they are asked before metrics are shown.</summary>
public interface IScrapeSource
{
    /// <summary>Brings the values up to date; what takes longer than a scrape may is left as it was.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>A task.</returns>
    ValueTask RefreshAsync(CancellationToken cancellationToken);
}
