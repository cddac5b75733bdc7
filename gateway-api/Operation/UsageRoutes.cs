using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using OrleansChat.Core.Actors;
using OrleansChat.Core.Errors;
using OrleansChat.GatewayApi.Bodies;
using OrleansChat.GatewayApi.Keys;

namespace OrleansChat.GatewayApi.Operation;

/// <summary><c>GET /api/usage</c>: a key sees what it used, an admin key what all did.</summary>
internal static class UsageRoutes
{
    private const string Csv = "text/csv";

    /// <summary>Maps the route.</summary>
    public static void MapUsage(this IEndpointRouteBuilder routes) => routes.MapGet("/api/usage", GetAsync).WithTags("Operation");

    private static async Task<Results<Ok<UsageReport>, ContentHttpResult>> GetAsync(
        HttpRequest request, Caller caller, Scopes scopes, IActorDirectory actors, CancellationToken cancellationToken)
    {
        var asCsv = request.Query.Word("format", "", "json", "csv") switch
        {
            "csv" => true,
            "json" => false,
            _ => PrefersCsv(request),
        };
        var sum = new UsageSum(request.Query.Word("groupBy", "model", "key", "team", "upstream", "day"));
        var from = Time(request.Query, "from") ?? DateTimeOffset.MinValue;
        var to = Time(request.Query, "to") ?? DateTimeOffset.MaxValue;
        if (from >= to)
            throw RequestException.Invalid("to", "'to' must be later than 'from'; what is settled at 'to' itself is not in the report.");

        // Every operation is in its key's ledger and in no other key's, so these ledgers together count each once.
        foreach (var ledger in await scopes.LedgersVisibleToAsync(caller.Key, cancellationToken))
        {
            await foreach (var entry in actors.CostTracker(ledger).ReadLedgerAsync(from, to, cancellationToken))
                sum.Add(entry);
        }

        var report = sum.ToReport();
        return asCsv ? TypedResults.Text(UsageCsv.Write(report), UsageCsv.ContentType, Encoding.UTF8) : TypedResults.Ok(report);
    }

    private static bool PrefersCsv(HttpRequest request)
    {
        var accepted = request.GetTypedHeaders().Accept;
        var csv = accepted.Where(type => type.MediaType.Equals(Csv, StringComparison.OrdinalIgnoreCase)).Max(type => (double?)(type.Quality ?? 1));
        var json = accepted.Where(type => type.MediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase)).Max(type => (double?)(type.Quality ?? 1));
        return csv > 0 && !(json >= csv);
    }

    private static DateTimeOffset? Time(IQueryCollection query, string name)
    {
        if (query.Text(name, 64) is not { } text)
            return null;
        return IsoTime.Read(text)
            ?? throw RequestException.Invalid(name, $"'{name}' must be a time such as 2030-01-31, 2030-01-31T12:00:00Z or 2030-01-31T12:00:00%2B02:00.");
    }
}
