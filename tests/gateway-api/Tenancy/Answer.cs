using System.Text;
using System.Text.RegularExpressions;

namespace OrleansChat.GatewayApi.Tests.Tenancy;

/// <summary>All that a caller can see of an answer, so that two answers can be held against each other.</summary>
/// <param name="Status">The status.</param>
/// <param name="Head">The headers, but for the date and what names the request, which differ in any two.</param>
/// <param name="Body">The body, but for what names the request.</param>
internal sealed partial record Answer(int Status, string Head, string Body)
{
    private static readonly string[] AlwaysDiffering = ["Date", "X-Correlation-ID", "x-request-id", "request-id"];

    /// <summary>Headers and body.</summary>
    public string Text => $"{Head}\n{Body}";

    /// <summary>Reads an answer; of one that goes on until somebody leaves, the headers.</summary>
    public static async Task<Answer> ReadAsync(HttpResponseMessage response, bool isEndless)
    {
        var head = new StringBuilder();
        var headers = isEndless ? response.Headers : response.Headers.Concat(response.Content.Headers);
        foreach (var (name, values) in headers.Where(header => !AlwaysDiffering.Contains(header.Key, StringComparer.OrdinalIgnoreCase)).OrderBy(header => header.Key, StringComparer.Ordinal))
            head.Append(name).Append(": ").AppendJoin(", ", values).Append('\n');
        var body = isEndless ? "" : CorrelationId().Replace(await response.Content.ReadAsStringAsync(), "\"correlationId\":\"\"");
        return new Answer((int)response.StatusCode, head.ToString(), body);
    }

    /// <summary>The same answer to somebody who asked for another thing of that kind: the ids that were asked for are no difference.</summary>
    public Answer WithoutIds(IEnumerable<string> ids) => this with { Head = Without(ids, Head), Body = Without(ids, Body) };

    private static string Without(IEnumerable<string> ids, string text) => ids.Aggregate(text, (rest, id) => rest.Replace(id, "", StringComparison.OrdinalIgnoreCase));

    [GeneratedRegex("\"correlationId\":\"[^\"]*\"")]
    private static partial Regex CorrelationId();
}
