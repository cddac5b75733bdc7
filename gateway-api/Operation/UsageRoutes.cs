using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using OrleansChat.Core.Actors;
using OrleansChat.Core.Costs;
using OrleansChat.Core.Errors;
using OrleansChat.GatewayApi.Bodies;
using OrleansChat.GatewayApi.Keys;

namespace OrleansChat.GatewayApi.Operation;

/// <summary><c>GET /api/usage</c>.</summary>
internal static class UsageRoutes
{
    private const string Nobody = "";

    /// <summary>Maps the route.</summary>
    public static void MapUsage(this IEndpointRouteBuilder routes) => routes.MapGet("/api/usage", GetAsync).WithTags("Operation");

    private static async Task<Ok<UsageReport>> GetAsync(
        HttpRequest request, Caller caller, Scopes scopes, IActorDirectory actors, CancellationToken cancellationToken)
    {
        var groupBy = request.Query.Word("groupBy", "model", "key", "team", "upstream", "day");
        var from = Time(request.Query, "from") ?? DateTimeOffset.MinValue;
        var to = Time(request.Query, "to") ?? DateTimeOffset.MaxValue;
        var groups = new SortedDictionary<string, Sum>(StringComparer.Ordinal);
        var total = new Sum();

        // Every operation is in its key's ledger and in no other key's, so these ledgers together count each once.
        foreach (var ledger in await scopes.LedgersVisibleToAsync(caller.Key, cancellationToken))
        {
            await foreach (var entry in actors.CostTracker(ledger).ReadLedgerAsync(from, to, cancellationToken))
            {
                var group = GroupOf(entry, groupBy);
                if (!groups.TryGetValue(group, out var sum))
                    groups[group] = sum = new Sum();
                sum.Add(entry);
                total.Add(entry);
            }
        }

        return TypedResults.Ok(new UsageReport([.. groups.Select(pair => pair.Value.ToLine(pair.Key))], total.ToLine("total")));
    }

    private static string GroupOf(LedgerEntry entry, string groupBy) => groupBy switch
    {
        "key" => entry.Subject.KeyId,
        "team" => entry.Subject.Team ?? Nobody,
        "upstream" => entry.Subject.Upstream ?? Nobody,
        "day" => entry.SettledAt.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        _ => entry.Subject.Model,
    };

    private static DateTimeOffset? Time(IQueryCollection query, string name)
    {
        if (query.Text(name, 64) is not { } text)
            return null;
        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? time
            : throw RequestException.Invalid(name, $"'{name}' must be a time such as 2030-01-31 or 2030-01-31T12:00:00Z.");
    }

    internal sealed record UsageReport(IReadOnlyList<UsageLine> Items, UsageLine Total);

    internal sealed record UsageLine(string Group, long Requests, long InputTokens, long OutputTokens, decimal CostUsd);

    private sealed class Sum
    {
        private long _requests;
        private long _input;
        private long _output;
        private long _nanoUsd;

        public void Add(LedgerEntry entry)
        {
            _requests++;
            _input += entry.Usage.InputTokens;
            _output += entry.Usage.OutputTokens;
            _nanoUsd += entry.NanoUsd;
        }

        public UsageLine ToLine(string group) => new(group, _requests, _input, _output, NanoUsd.ToUsd(_nanoUsd));
    }
}
