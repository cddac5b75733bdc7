using OrleansChat.Core.Routing;
using OrleansChat.Core.Settings;
using OrleansChat.Testing;
using Xunit.Abstractions;

namespace OrleansChat.Core.Tests.Routing;

/// <summary>
/// Every decision of the router against a naive one: who is asked, when and in which order, who is passed over and why, what is given back, what breakers hear, which call of two answers,
/// and what the caller is told.
/// </summary>
public sealed class RouterModelTests(ITestOutputHelper output)
{
    private readonly Dictionary<string, int> _seen = [];

    [Fact]
    public async Task EveryRound_AtRandom_GoesAsTheNaiveRouterSays()
    {
        var random = Seed.Print(output);
        for (var round = 0; round < 120; round++)
            await PlayAsync(random);

        // So that none of it holds because nothing happened.
        output.WriteLine(string.Join(", ", _seen.OrderBy(one => one.Key, StringComparer.Ordinal)));
        string[] kinds =
        [
            "asks", "gets", "fails: upstream_error", "fails: upstream_unavailable", "fails: upstream_timeout", "fails: rate_limited", "fails: InvalidRequest", "fails: OperationCanceledException",
            "fails: InvalidOperationException", "enters", "probes", "acquires", "is kept out", "gives back", "tells", "breaks", "is admitted", "is refused", "has lost", "is disposed of", "is stopped",
            "more to do", "left alone",
        ];
        Assert.All(kinds, kind => Assert.True(_seen.ContainsKey(kind), $"'{kind}' is never seen"));
    }

    private async Task PlayAsync(Random random)
    {
        while (true)
        {
            var script = Draw(random);
            using var router = new PlayedRouter(script);
            var naive = new NaiveRouter(script, router.Start);
            var moments = naive.Play().Select(moment => (moment.At, moment.State, Lines: naive.Lines.Count)).ToList();
            if (naive.IsAmbiguous)
                continue;

            var before = 0;
            foreach (var (at, state, lines) in moments)
            {
                router.RunUntil(at, lines);
                AssertSame(naive.Lines.Take(lines), router.Lines, before);
                Assert.Equal($"{at} {state}", $"{at} {await router.StateAsync()}");
                before = lines;
            }

            // Whoever is served or refused leaves nothing behind.
            Assert.DoesNotContain(" 1 open", await router.StateAsync(), StringComparison.Ordinal);
            Count(naive.Lines);
            return;
        }
    }

    private static void AssertSame(IEnumerable<RouteLine> expected, IReadOnlyList<RouteLine> actual, int before)
    {
        var (said, seen) = (Ordered(expected.Skip(before)), Ordered(actual.Skip(before)));
        if (!said.SequenceEqual(seen))
            Assert.Fail($"After\n{string.Join('\n', actual.Take(before).TakeLast(30))}\nwas expected\n{string.Join('\n', said)}\nand seen\n{string.Join('\n', seen)}");
    }

    /// <summary>What different operations do at one moment has no order.</summary>
    private static RouteLine[] Ordered(IEnumerable<RouteLine> lines) => [.. lines.OrderBy(line => line.At).ThenBy(line => line.Who, StringComparer.Ordinal)];

    private static RouteScript Draw(Random random)
    {
        // Some are calm at first, so that it is known how long an answer takes that nobody else delays, and then there is a rush.
        var isRush = random.Next(6) == 0;
        var settings = isRush ? RandomRoutes.DrawSlow(random) : RandomRoutes.Draw(random);
        using var catalog = new ModelCatalog(new TestOptions<OrleansChatOptions>(settings));
        var at = 0L;
        var requests = new List<ScriptedRequest>();
        for (var i = isRush ? 150 : random.Next(10, 60); i > 0; i--)
        {
            var pause = isRush ? (i > 120 ? 10 : 0.1) : random.Next(8) == 0 ? 10 : 1;
            at += random.NextInt64(1, (long)(pause * TimeSpan.TicksPerSecond));
            var model = catalog.Models[random.Next(catalog.Models.Count)];
            var id = $"op-{random.Next():x8}";
            var order = RouteOrder.Of(model, id);
            RandomRoutes.AssertAllowed(settings, model.Id, order);
            requests.Add(new ScriptedRequest(id, at, model, order, random.Next(0, 120))
            {
                IsAdmittedFirst = random.Next(2) == 0,
                SaysWhoAdmitted = random.Next(4) > 0,
                Patience = random.Next(4) == 0 ? random.NextInt64(1, 10 * TimeSpan.TicksPerSecond) : null,
                IsHedgeRefused = random.Next(4) == 0,
            });
        }

        return new RouteScript(settings, random) { Health = isRush ? 98 : random.Next(40, 90), Requests = requests, Elsewhere = [.. Enumerable.Range(0, random.Next(6)).Select(_ => DrawDeed(random, settings, at))] };
    }

    private static Elsewhere DrawDeed(Random random, OrleansChatOptions settings, long until) => new(
        random.NextInt64(1, until + 2), settings.Upstreams[random.Next(settings.Upstreams.Count)].Id, (Deed)random.Next(4), random.Next(2) == 0);

    private void Count(IEnumerable<RouteLine> lines)
    {
        foreach (var (_, _, what) in lines)
        {
            Note(what.StartsWith("fails", StringComparison.Ordinal) ? string.Join(' ', what.Split(' ').Take(2)) : what.Split(' ')[0]);
            foreach (var part in new[] { "is admitted", "is refused", "has lost", "gives back", "is disposed of", "is stopped", "more to do", "left alone" }.Where(part => what.Contains(part, StringComparison.Ordinal)))
                Note(part);
            if (what.Contains("/broken", StringComparison.Ordinal))
                Note("breaks");
            if (what.EndsWith(": True True", StringComparison.Ordinal))
                Note("probes");
            if (what.StartsWith("acquires", StringComparison.Ordinal) && what.EndsWith("False", StringComparison.Ordinal))
                Note("is kept out");
        }

        void Note(string kind) => _seen[kind] = _seen.GetValueOrDefault(kind) + 1;
    }
}
