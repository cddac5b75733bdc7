using System.Text.Json;
using OrleansChat.Core.Costs;
using OrleansChat.Core.Upstreams;

namespace OrleansChat.Core.Tests.Costs;

public sealed class LedgerEntryJsonTests
{
    private static readonly LedgerEntry Plain = new(
        "op", new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero), new LedgerSubject("k", null, null, "m", "u"), new TokenUsage(3, 2), 5);

    [Fact]
    public void Entry_IsWrittenWithoutWhatIsNothing_AndReadBack()
    {
        var json = JsonSerializer.Serialize(Plain, JsonSerializerOptions.Web);

        foreach (var nothing in (string[])["saved", "free", "lease", "correction", "cached", "reasoning", "total", "sumOf", "count"])
            Assert.DoesNotContain(nothing, json, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(Plain, JsonSerializer.Deserialize<LedgerEntry>(json, JsonSerializerOptions.Web));
    }

    [Fact]
    public void Entry_WithEverything_IsReadBack()
    {
        var entry = Plain with
        {
            Subject = new LedgerSubject("k", "t", "s-1", "m", "u"),
            LeaseExpired = true,
            IsCorrection = true,
            SavedNanoUsd = 1,
            FreeTokens = -2,
            FreeNanoUsd = 3,
            SumOf = 4,
            Usage = new TokenUsage(9, 8, Estimated: true) { CachedInputTokens = 7, CacheWriteInputTokens = 1, ReasoningTokens = 6 },
        };

        Assert.Equal(entry, JsonSerializer.Deserialize<LedgerEntry>(JsonSerializer.Serialize(entry, JsonSerializerOptions.Web), JsonSerializerOptions.Web));
    }

    [Fact]
    public void Entry_OfAnOlderVersion_IsRead()
    {
        const string Older = """
            {"operationId":"op","settledAt":"2030-01-01T00:00:00+00:00","subject":{"keyId":"k","team":null,"sessionId":"s-1","model":"m","upstream":"u"},
             "usage":{"inputTokens":3,"outputTokens":2,"estimated":false,"cachedInputTokens":0,"reasoningTokens":0,"totalTokens":5},"nanoUsd":5,
             "leaseExpired":false,"savedNanoUsd":0}
            """;

        Assert.Equal(
            Plain with { Subject = Plain.Subject with { SessionId = "s-1" } }, JsonSerializer.Deserialize<LedgerEntry>(Older, JsonSerializerOptions.Web));
    }
}
