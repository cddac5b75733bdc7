using OrleansChat.Core.Settings;
using OrleansChat.Core.Upstreams;

namespace OrleansChat.Core.Tests.Routing;

/// <summary>Settings of models and upstreams at random, and which orders of their routes they allow.</summary>
internal static class RandomRoutes
{
    /// <summary>Draws settings.</summary>
    public static OrleansChatOptions Draw(Random random)
    {
        var upstreams = Enumerable.Range(0, random.Next(2, 5)).Select(i => new UpstreamOptions
        {
            Id = $"u{i}",
            Limits = random.Next(2) == 0 ? new LimitOptions() : Limits(random),
            MaxSlowdown = random.Next(3) == 0 ? 1 + random.NextDouble() : 0,
        }).ToList();
        var models = Enumerable.Range(0, random.Next(1, 4)).Select(i => new ModelOptions { Id = $"m{i}", HedgeAfter = random.Next(2) == 0 ? TimeSpan.FromMilliseconds(random.Next(1, 3_000)) : null }).ToList();
        for (var i = 0; i < models.Count; i++)
            models[i] = models[i] with { Route = Route(random, upstreams, models.Take(i).Select(model => model.Id).ToList()) };

        return new OrleansChatOptions { Upstreams = upstreams, Models = models, Breakers = Breakers(random) };
    }

    /// <summary>Draws settings of one model whose upstreams have nothing but a bound to how slow they may become.</summary>
    public static OrleansChatOptions DrawSlow(Random random) => new()
    {
        Upstreams = [new UpstreamOptions { Id = "u0", MaxSlowdown = 1 + (random.NextDouble() / 2) }, new UpstreamOptions { Id = "u1", MaxSlowdown = random.Next(2) * 1.2 }],
        Models = [new ModelOptions { Id = "m0", Route = random.Next(2) == 0 ? ["u0/a"] : ["u0/a", "u1/a"] }],
    };

    /// <summary>
    /// Fails where an order is none that the settings allow: the targets of neighbours with weights may change places among themselves, and nothing else may.
    /// </summary>
    public static void AssertAllowed(OrleansChatOptions settings, string model, IReadOnlyList<UpstreamTarget> order)
    {
        var groups = new List<List<string>>();
        Flatten(settings, settings.Models.First(one => one.Id == model), [], groups);
        var rest = order.Select(target => target.ToString()).ToList();
        foreach (var group in groups)
        {
            Assert.Equal(group.Order(StringComparer.Ordinal), rest.Take(group.Count).Order(StringComparer.Ordinal));
            rest.RemoveRange(0, group.Count);
        }

        Assert.Empty(rest);
    }

    /// <summary>The groups of a route: what has no weight is one of its own, and so is what stands alone between others.</summary>
    private static void Flatten(OrleansChatOptions settings, ModelOptions model, HashSet<string> weighted, List<List<string>> groups, bool isOwn = true)
    {
        var mayJoin = false;
        foreach (var item in model.Route)
        {
            if (settings.Models.FirstOrDefault(other => other.Id == item.Target) is { } named)
            {
                Flatten(settings, named, weighted, groups, isOwn: false);
                mayJoin = false;
                continue;
            }

            // A target is asked once; only two of the model's own that both have no weight are two calls.
            var isThere = groups.Exists(group => group.Contains(item.Target));
            if (isThere && (!isOwn || item.Weight is not null || weighted.Contains(item.Target)))
                continue;

            if (item.Weight is not null && mayJoin)
                groups[^1].Add(item.Target);
            else
                groups.Add([item.Target]);

            mayJoin = item.Weight is not null;
            if (mayJoin)
                weighted.Add(item.Target);
        }
    }

    private static List<RouteItem> Route(Random random, List<UpstreamOptions> upstreams, List<string> models)
    {
        var route = new List<RouteItem>();
        for (var i = random.Next(1, 6); i > 0; i--)
        {
            var target = $"{upstreams[random.Next(upstreams.Count)].Id}/{(char)('a' + random.Next(2))}";
            int? weight = random.Next(2) == 0 ? random.Next(1, 5) : null;
            if (models.Count > 0 && random.Next(5) == 0)
                route.Add(models[random.Next(models.Count)]);
            else if (!route.Exists(item => item.Target == target && (item.Weight is not null || weight is not null)))
                route.Add(new RouteItem { Target = target, Weight = weight });
        }

        return route;
    }

    private static LimitOptions Limits(Random random) => new()
    {
        RequestsPerMinute = random.Next(3) == 0 ? random.Next(1, 20) : null,
        TokensPerMinute = random.Next(3) == 0 ? random.Next(50, 1_000) : null,
        MaxConcurrent = random.Next(2) == 0 ? random.Next(0, 4) : null,
        MaxTokensPerRequest = random.Next(6) == 0 ? random.Next(200) : null,
    };

    private static BreakerOptions Breakers(Random random) => new()
    {
        ConsecutiveFailures = random.Next(1, 6),
        FailureRatio = random.Next(2) == 0 ? null : random.Next(1, 11) / 10.0,
        FailureWindow = TimeSpan.FromSeconds(random.Next(1, 90)),
        MinimumCalls = random.Next(1, 15),
        OpenDuration = TimeSpan.FromSeconds(random.Next(1, 20)),
        MaxOpenDuration = TimeSpan.FromSeconds(random.Next(20, 100)),
        ProbeLease = TimeSpan.FromSeconds(random.Next(1, 20)),
        DefaultCooldown = TimeSpan.FromSeconds(random.Next(1, 10)),
        MaxCooldown = TimeSpan.FromSeconds(random.Next(1, 30)),
    };
}
