using System.Text.Json.Serialization;

namespace OrleansChat.Core.Errors.Incidents;

/// <summary>One failure that was this server's or an upstream's to avoid.</summary>
/// <param name="At">When.</param>
/// <param name="Layer">Where: <c>upstream</c>, <c>storage</c>, <c>gateway</c> or <c>internal</c>.</param>
/// <param name="Code">The problem's code.</param>
/// <param name="Subject">The upstream, where it was one.</param>
/// <param name="Causes">The types of the exceptions, from the one that was told to the one behind it all; never their messages.</param>
/// <param name="CorrelationId">The request's or turn's id, by which the log is searched.</param>
/// <param name="Detail">What the client was told.</param>
/// <param name="Cure">What the operator can do.</param>
public sealed record FailureReport(
    DateTimeOffset At, string Layer, string Code, string? Subject, IReadOnlyList<string> Causes, string CorrelationId, string Detail, string Cure)
{
    private const int MostCauses = 10;

    /// <summary>Reports a failure.</summary>
    /// <param name="fault">The failure.</param>
    /// <param name="problem">What the client was told of it.</param>
    /// <param name="correlationId">The request's or turn's id.</param>
    /// <param name="at">When.</param>
    /// <returns>The report.</returns>
    public static FailureReport Of(Exception fault, Problem problem, string correlationId, DateTimeOffset at)
    {
        ArgumentNullException.ThrowIfNull(problem);
        var chain = Chain(fault).Take(MostCauses).ToList();
        var upstream = chain.OfType<UpstreamException>().FirstOrDefault();
        var layer = upstream is not null || problem.Code.StartsWith("upstream_", StringComparison.Ordinal) && !chain.OfType<StorageException>().Any()
            ? "upstream"
            : chain.OfType<StorageException>().Any() ? "storage" : fault is OrleansChatException ? "gateway" : "internal";
        return new FailureReport(
            at, layer, problem.Code, upstream?.Upstream, [.. chain.Select(NameOf)], correlationId, problem.Detail, Cures.Of(layer, problem.Code, upstream));
    }

    /// <summary>What failures of one cause have in common.</summary>
    [JsonIgnore]
    internal string Pattern => PatternOf(Layer, Code, Subject, Causes);

    internal static string PatternOf(string layer, string code, string? subject, IReadOnlyList<string> causes) => $"{layer}|{code}|{subject}|{causes[^1]}";

    private static string NameOf(Exception fault) => fault is UpstreamException upstream ? $"{nameof(UpstreamException)}: {upstream.Failure}" : fault.GetType().Name;

    private static IEnumerable<Exception> Chain(Exception fault)
    {
        for (Exception? at = fault; at is not null; at = at.InnerException)
            yield return at;
    }
}
