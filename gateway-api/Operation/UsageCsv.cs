using System.Buffers;
using System.Globalization;
using System.Text;

namespace OrleansChat.GatewayApi.Operation;

/// <summary>Writes a report as CSV (RFC 4180) that is safe to open in a spreadsheet.</summary>
internal static class UsageCsv
{
    /// <summary>The content type.</summary>
    public const string ContentType = "text/csv; charset=utf-8; header=present";

    private const string Header =
        "group,requests,inputTokens,outputTokens,costUsd,savedUsd,cachedInputTokens,cacheWriteInputTokens,reasoningTokens,freeTokens,freeUsd,estimatedRequests\r\n";

    private static readonly SearchValues<char> Quoted = SearchValues.Create(",\"\r\n");

    /// <summary>The groups of a report, a line each; the total is their sum.</summary>
    public static string Write(UsageReport report)
    {
        var text = new StringBuilder(Header);
        foreach (var line in report.Items)
        {
            text.Append(Cell(line.Group))
                .Append(CultureInfo.InvariantCulture, $",{line.Requests},{line.InputTokens},{line.OutputTokens},{line.CostUsd},{line.SavedUsd}")
                .Append(CultureInfo.InvariantCulture, $",{line.CachedInputTokens},{line.CacheWriteInputTokens},{line.ReasoningTokens},{line.FreeTokens},{line.FreeUsd},{line.EstimatedRequests}\r\n");
        }

        return text.ToString();
    }

    /// <summary>
    /// A text as a cell. One that a spreadsheet would run as a formula begins with an apostrophe, which keeps it a text (OWASP, CSV Injection).
    /// </summary>
    public static string Cell(string text)
    {
        var safe = text.Length > 0 && text[0] is '=' or '+' or '-' or '@' or '\t' or '\r' or '\n' ? $"'{text}" : text;
        return safe.AsSpan().ContainsAny(Quoted) ? $"\"{safe.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : safe;
    }
}
