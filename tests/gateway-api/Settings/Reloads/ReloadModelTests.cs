using System.Text.Json;
using OrleansChat.Core.Costs;
using OrleansChat.Core.Health;
using OrleansChat.Testing;
using Xunit.Abstractions;

namespace OrleansChat.GatewayApi.Tests.Settings.Reloads;

/// <summary>
/// The settings file is replaced again and again while calls are under way, and every third file is at fault. Who is let in, who is asked and what is owed,
/// against a naive door that knows the settings in force.
/// </summary>
public sealed class ReloadModelTests(ITestOutputHelper output)
{
    private const int Reloads = 30;
    private const int Asks = 5;

    private readonly Dictionary<int, int> _seen = [];

    [Fact]
    public async Task EveryFile_WhileCallsAreUnderWay_IsInForceInWholeOrNotAtAll()
    {
        var random = Seed.Print(output);
        for (var runs = LongRuns.Of(2); runs > 0; runs--)
            await new Run(new Random(random.Next()), _seen).RunAsync();

        // So that none of it holds because nothing happened.
        output.WriteLine(string.Join(", ", _seen.OrderBy(one => one.Key).Select(one => $"{one.Key}: {one.Value}")));
        Assert.All([200, 401, 402, 403, 404, 429], status => Assert.True(_seen.ContainsKey(status), $"{status} is never seen."));
    }

    private sealed class Run(Random random, Dictionary<int, int> seen)
    {
        private readonly Dictionary<int, Task<(int Status, string Body)>> _answers = [];
        private readonly HashSet<string> _scopes = [];
        private ReloadWorld _world = null!;
        private NaiveDoor _door = null!;
        private int _number;

        public async Task RunAsync()
        {
            _door = new NaiveDoor(DrawnSettings.Draw(random, isFirst: true));
            await using var world = _world = await ReloadWorld.StartAsync(_door.Settings);
            for (var reload = 0; reload < Reloads; reload++)
            {
                for (var ask = random.Next(Asks); ask >= 0; ask--)
                    await AskAsync();
                while (_door.Open.Count > 0 && random.Next(3) != 0)
                    await EndAsync(_door.Open[random.Next(_door.Open.Count)]);
                await ReloadAsync();
                await CheckWhatIsShownAsync();
            }

            while (_door.Open.Count > 0)
                await EndAsync(_door.Open[random.Next(_door.Open.Count)]);
            await CheckBooksAsync();
        }

        private async Task ReloadAsync()
        {
            var drawn = DrawnSettings.Draw(random, isFirst: false);
            var file = drawn.ToJson(_world.Addresses);
            if (random.Next(3) == 0)
            {
                var faulty = await _world.ReplaceAsync(FileFaults.Spoil(file, random));
                Assert.Equal(HealthStatus.Degraded, faulty.Status);
                Assert.Contains("at fault", faulty.Detail, StringComparison.Ordinal);
                return;
            }

            var finding = await _world.ReplaceAsync(FileFaults.File(file));
            _door.Reload(drawn);
            if (drawn.Upstreams.Count == DrawnSettings.UpstreamIds.Count)
                Assert.Equal(HealthFinding.Healthy, finding);
            else
                Assert.Equal("Changes of Upstreams wait for a restart.", finding.Detail);
        }

        private async Task AskAsync()
        {
            var (number, key, model) = (++_number, Draw(DrawnSettings.KeyIds), Draw(DrawnSettings.ModelIds));
            var (status, call) = _door.Enter(number, key, model);
            seen[status] = seen.GetValueOrDefault(status) + 1;
            var answer = _world.AskAsync(number, key, model);
            await TestWait.UntilAsync(() => answer.IsCompleted || _world.AskedOf(number) is not null);
            if (call is null)
            {
                var told = await answer;
                Assert.True(told.Status == status, $"{number} by {key} of {model}: {status} was expected: {told}");
                Assert.Null(_world.AskedOf(number));
                return;
            }

            Assert.True(!answer.IsCompleted, answer.IsCompleted ? $"{call}: {await answer}" : "");
            Assert.Equal(call.Upstream, _world.AskedOf(number));
            _answers[number] = answer;
            _scopes.UnionWith(call.Scopes);
        }

        // As it began, whatever has been in force since.
        private async Task EndAsync(ReloadCall call)
        {
            _world.Release(call.Number);
            var (status, body) = await _answers[call.Number];
            Assert.Equal(200, status);
            Assert.Contains(call.Answer, body, StringComparison.Ordinal);
            _door.Leave(call);

            // The answer is out before it is booked, and the places are free.
            await TestWait.UntilAsync(async () => (await _world.LedgerAsync($"key:{call.Key}")).Count == _door.Ended(call.Key));
            foreach (var scope in call.Scopes)
            {
                try
                {
                    await TestWait.UntilAsync(async () => await _world.InUseAsync(scope) == _door.InUse(scope));
                }
                catch (TimeoutException)
                {
                    Assert.Fail($"{scope} holds {await _world.InUseAsync(scope)} and not {_door.InUse(scope)} after {call}");
                }
            }
        }

        private async Task CheckWhatIsShownAsync()
        {
            foreach (var id in DrawnSettings.KeyIds)
            {
                var key = _door.Settings.Keys.FirstOrDefault(key => key.Id == id);
                var models = await _world.GetAsync("/v1/models", id);
                var flags = await _world.GetAsync("/api/flags", id);
                if (key is null)
                {
                    Assert.Equal((JsonValueKind.Undefined, JsonValueKind.Undefined), (models.ValueKind, flags.ValueKind));
                    continue;
                }

                Assert.Equal(
                    _door.Settings.Models.Select(model => model.Id).Where(model => key.Models.Count == 0 || key.Models.Contains(model)).Order(),
                    models.GetProperty("data").EnumerateArray().Select(model => model.GetProperty("id").GetString()).Order());
                Assert.Equal(_door.Settings.Flagged.Contains(id), flags.GetProperty("items")[0].GetProperty("on").GetBoolean());
            }

            foreach (var scope in (await _world.GetAsync("/api/limits", DrawnSettings.Boss)).GetProperty("scopes").EnumerateArray())
                CheckLimits(scope.GetProperty("scope").GetString()!, scope.GetProperty("limits"));
        }

        private void CheckLimits(string scope, JsonElement shown)
        {
            var settings = _door.Settings;
            var (kind, name) = scope.Split(':') is [var first, var second] ? (first, second) : (scope, "");
            var limits = kind switch
            {
                "key" => settings.Keys.FirstOrDefault(key => key.Id == name)?.Limits,
                "team" => settings.TeamLimits,
                "model" => settings.Models.FirstOrDefault(model => model.Id == name)?.Limits,
                "upstream" => settings.Upstreams.GetValueOrDefault(name),
                _ => null,
            };
            if (limits is null)
            {
                Assert.False(shown.TryGetProperty("concurrent", out var none) && none.ValueKind is JsonValueKind.Object, $"{scope}: {shown}");
                return;
            }

            var places = shown.GetProperty("concurrent");
            Assert.Equal((limits.AtATime, _door.InUse(scope)), (places.GetProperty("limit").GetInt32(), places.GetProperty("inUse").GetInt32()));
            Assert.Equal(limits.PerMinute, shown.GetProperty("requestsPerMinute").GetProperty("limit").GetInt32());
        }

        private async Task CheckBooksAsync()
        {
            foreach (var scope in _scopes)
            {
                Assert.Equal(0, await _world.InUseAsync(scope));
                Assert.Equal(_door.Calls.Count(call => call.Scopes.Contains(scope)), await _world.CountedAsync(scope));
            }

            foreach (var payer in _door.Calls.SelectMany(call => call.Payers).Distinct())
            {
                var owed = _door.Calls.Where(call => call.Payers.Contains(payer)).ToList();
                await TestWait.UntilAsync(async () =>
                {
                    _world.Pass();
                    return (await _world.LedgerAsync(payer)).Count >= owed.Count;
                });
                Assert.Equal(
                    owed.Select(call => (call.Key, call.Model, call.Upstream, call.InputTokens, call.OutputTokens, call.NanoUsd)).Order(),
                    (await _world.LedgerAsync(payer)).Select(entry =>
                        (entry.Subject.KeyId, entry.Subject.Model, entry.Subject.Upstream!, entry.Usage.InputTokens, entry.Usage.OutputTokens, entry.NanoUsd)).Order());
                Assert.Equal((owed.Sum(call => call.NanoUsd), 0), await _world.MoneyAsync(payer));
            }

            var usage = (await _world.GetAsync("/api/usage?groupBy=key", DrawnSettings.Boss)).GetProperty("items").EnumerateArray()
                .Select(item => (item.GetProperty("group").GetString(), item.GetProperty("requests").GetInt64(), item.GetProperty("costUsd").GetDecimal()));
            Assert.Equal(
                _door.Calls.GroupBy(call => call.Key).Select(key => ((string?)key.Key, (long)key.Count(), NanoUsd.ToUsd(key.Sum(call => call.NanoUsd)))).Order(),
                usage.Order());
        }

        private string Draw(IReadOnlyList<string> items) => items[random.Next(items.Count)];
    }
}
