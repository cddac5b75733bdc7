using OrleansChat.Cluster.Tests.Hosts;
using OrleansChat.Core.Costs;
using OrleansChat.Core.Errors;
using OrleansChat.Core.Keys;
using OrleansChat.Core.Sessions;
using OrleansChat.Core.Settings;
using OrleansChat.Core.Turns;
using OrleansChat.Core.Upstreams;
using OrleansChat.Testing.Costs;

namespace OrleansChat.Cluster.Tests.Faults;

/// <summary>
/// Two clusters over one store do not see each other, so both believe to own what is in it: a partition in which neither side dies. The store's
/// versions decide.
/// </summary>
public sealed class PartitionTests : IAsyncLifetime
{
    private static readonly ApiKey Owner = new() { Id = "owner" };

    private TestSilos _stale = null!;
    private TestSilos _fresh = null!;

    public async Task InitializeAsync()
    {
        var options = TestSilos.DefaultOptions with
        {
            Models = [new ModelOptions { Id = ModelOptions.DefaultId, Route = ["scripted/m"], InputUsdPerMillion = 1, OutputUsdPerMillion = 2 }],
        };
        _stale = await TestSilos.StartAsync(options);
        _fresh = await TestSilos.StartAsync(options, store: _stale.Store);
    }

    public async Task DisposeAsync() => await Task.WhenAll(_stale.DisposeAsync().AsTask(), _fresh.DisposeAsync().AsTask());

    [Fact]
    public async Task StaleSession_WhoseTurnAnotherOwnerBroughtBack_WritesNothingMoreAndItsTurnEnds()
    {
        var (before, after) = (new WordByWord(), new WordByWord());
        _stale.Upstream.Answer = before.Answer;
        _fresh.Upstream.Answer = after.Answer;
        var session = _stale.Actors.Session("s");
        await session.CreateAsync(Owner, new SessionSettings(), default);
        var turn = await session.StartTurnAsync(Owner, new TurnRequest { Message = "Hello" }, default);
        var seenByStale = ReadAsync(_stale, turn.TurnId);
        await before.FirstWordsAsync(1);

        // The other side finds the turn open, as after a death, and runs it to its end.
        var seenByFresh = ReadAsync(_fresh, turn.TurnId);
        await after.FirstWordsAsync(1);
        after.Finish();
        Assert.Single((await seenByFresh).OfType<TurnRestarted>());
        Assert.IsType<TurnCompleted>((await seenByFresh)[^1]);

        // The stale side ends its own answer, is refused by version, and shows what is on record.
        before.Finish();
        Assert.Equal((await seenByFresh)[^1], (await seenByStale)[^1]);
        foreach (var side in new[] { _stale, _fresh })
        {
            var view = await side.Actors.Session("s").DescribeAsync(Owner, SessionScope.Tree, default);
            Assert.Equal(["Hello", WordByWord.Text], view.Messages.Select(message => message.Content));
        }

        // Both upstream calls were made, and each is charged once: the first was given up for lost, and its settlement corrected that.
        var entries = await LedgerAsync(_fresh, "key:owner");
        var charges = entries.GroupBy(entry => entry.OperationId).ToDictionary(operation => operation.Key, operation => operation.Sum(entry => entry.NanoUsd));
        Assert.Equal([$"{turn.TurnId}/1", $"{turn.TurnId}/2"], charges.Keys.Order(StringComparer.Ordinal));
        Assert.Single(charges.Values.Distinct());
        Assert.Single(entries, entry => entry.IsCorrection);
        Assert.Equal(entries.Sum(entry => entry.NanoUsd), (await _fresh.Actors.CostTracker("key:owner").DescribeAsync(null, default)).SpentNanoUsd);
    }

    [Fact]
    public async Task StaleSession_ThatIsWrittenTo_IsRefusedByVersionAndGoesOnFromWhatIsOnRecord()
    {
        await _stale.Actors.Session("s").CreateAsync(Owner, new SessionSettings { Title = "first" }, default);
        await _fresh.Actors.Session("s").UpdateAsync(Owner, new SessionChanges { SystemPrompt = "by the other" }, default);

        var view = await _stale.Actors.Session("s").UpdateAsync(Owner, new SessionChanges { Title = "second" }, default);

        Assert.Equal(("second", "by the other"), (view.Title, view.SystemPrompt));
    }

    [Fact]
    public async Task CostTrackers_OfBothSides_ChargeEverythingOnce()
    {
        const int Charges = 100;
        var subject = new LedgerSubject("owner", null, null, "default", "scripted");
        await Task.WhenAll(Enumerable.Range(0, Charges).SelectMany(number => new[] { _stale, _fresh }.Select(side => SettleAsync(side, number))));

        foreach (var side in new[] { _stale, _fresh })
        {
            var entries = await LedgerAsync(side, "org");
            Assert.Equal(Charges, entries.Select(entry => entry.OperationId).Distinct().Count());
            Assert.Equal(Charges, entries.Count);
        }

        // Both sides settle the same operation. Where the other was quicker, the write is refused; the caller repeats it until it is on record.
        async Task SettleAsync(TestSilos side, int number)
        {
            while (true)
            {
                try
                {
                    await side.Actors.CostTracker("org").SettleAsync(new CostSettlement($"op{number}", subject, TokenUsage.Zero, 7), default);
                    return;
                }
                catch (StorageException)
                {
                }
            }
        }
    }

    private static async Task<List<LedgerEntry>> LedgerAsync(TestSilos side, string scope)
    {
        // What is on record, not what this side remembers.
        await side.Cluster.Client.GetGrain<IManagementGrain>(0).ForceActivationCollection(TimeSpan.Zero);
        return await side.Actors.CostTracker(scope).ReadLedgerAsync();
    }

    private static async Task<List<TurnEvent>> ReadAsync(TestSilos side, string turnId)
    {
        var events = new List<TurnEvent>();
        while (events is [] or [.., { IsLast: false }])
        {
            await foreach (var shown in side.Actors.Session("s").ReadTurnAsync(Owner, turnId, events.Count, default))
                events.Add(shown);
        }

        return events;
    }
}
