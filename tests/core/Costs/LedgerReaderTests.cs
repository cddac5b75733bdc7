using OrleansChat.Core.Costs;
using OrleansChat.Core.Upstreams;
using OrleansChat.Testing;
using Xunit.Abstractions;

namespace OrleansChat.Core.Tests.Costs;

public sealed class LedgerReaderTests(ITestOutputHelper output)
{
    private static readonly LedgerSubject Subject = new("k", null, null, "m", "u");
    private static readonly DateTimeOffset Start = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly List<LedgerPage> _pages = [];
    private LedgerIndex _index = new();
    private int _opened;

    [Fact]
    public async Task Read_AnyPeriodOfALedgerWhoseTimesRunBack_GivesItsEntriesInOrder()
    {
        var random = Seed.Print(output);
        for (var round = 0; round < 30; round++)
        {
            Clear();
            var now = Start;
            var all = new List<LedgerEntry>();
            for (var pages = random.Next(200); pages > 0; pages--)
            {
                var page = Enumerable.Range(0, random.Next(1, 6)).Select(_ => Entry(now = now.AddSeconds(random.Next(-60, 600)))).ToList();
                all.AddRange(page);
                Add(page);
                if (random.Next(30) == 0)
                    Reactivate();
            }

            for (var reading = 0; reading < 10; reading++)
            {
                var from = Start.AddSeconds(random.Next(-100, 60_000));
                var to = from.AddSeconds(random.Next(20_000));
                Assert.Equal(all.Where(entry => entry.SettledAt >= from && entry.SettledAt < to), await ReadAsync(from, to));
            }

            Assert.Equal(all, await ReadAsync(DateTimeOffset.MinValue, DateTimeOffset.MaxValue));
        }
    }

    [Fact]
    public async Task Read_OneDayOfManyYears_OpensLittleMoreThanItsPages()
    {
        for (var hour = 0; hour < 24 * 1_000; hour++)
            Add([Entry(Start.AddHours(hour))]);

        Reactivate();
        _opened = 0;
        var entries = await ReadAsync(Start.AddDays(500), Start.AddDays(501));

        Assert.Equal(24, entries.Count);
        Assert.InRange(_opened, 24, 24 + (2 * 8 * 5));
    }

    [Fact]
    public async Task Read_PagesThatTellOfNoneBeforeThem_OpensThemAll()
    {
        for (var day = 0; day < 50; day++)
        {
            Add([Entry(Start.AddDays(day))]);
            _pages[^1].Earlier = null;
        }

        Reactivate();
        Add([Entry(Start.AddDays(50))]);
        Reactivate();

        Assert.Equal(2, (await ReadAsync(Start.AddDays(10), Start.AddDays(12))).Count);
        Assert.Equal(51, (await ReadAsync(Start, Start.AddDays(60))).Count);
    }

    private static LedgerEntry Entry(DateTimeOffset at) => new($"{at:O}", at, Subject, TokenUsage.Zero, 1);

    private void Clear()
    {
        _pages.Clear();
        _index = new LedgerIndex();
    }

    private void Add(List<LedgerEntry> entries)
    {
        _pages.Add(new LedgerPage { Earlier = [.. _index.Spans], Entries = entries });
        _index.Add(LedgerIndex.SpanOf(_pages.Count - 1, entries));
    }

    private void Reactivate()
    {
        _index = new LedgerIndex();
        if (_pages.Count > 0)
            _index.Restore(_pages.Count - 1, _pages[^1]);
    }

    private async Task<List<LedgerEntry>> ReadAsync(DateTimeOffset from, DateTimeOffset to)
    {
        var reader = new LedgerReader(OpenAsync, from.UtcTicks, to.UtcTicks);
        var entries = new List<LedgerEntry>();
        foreach (var span in _index.Spans)
        {
            await foreach (var entry in reader.ReadAsync(span, default))
                entries.Add(entry);
        }

        return entries;
    }

    private ValueTask<LedgerPage> OpenAsync(long number, CancellationToken cancellationToken)
    {
        _opened++;
        return new(_pages[(int)number]);
    }
}
