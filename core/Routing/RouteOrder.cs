using OrleansChat.Core.Upstreams;

namespace OrleansChat.Core.Routing;

/// <summary>
/// The order in which an operation tries a route's targets: as they are written, and within a group by a draw without replacement in which a
/// target's chance is its weight. The draw follows from the operation's id, so that admission and routing, and every repeat, see one order.
/// </summary>
internal static class RouteOrder
{
    /// <summary>The order of an operation.</summary>
    /// <param name="model">The model.</param>
    /// <param name="operationId">The operation.</param>
    /// <returns>All targets of the route.</returns>
    public static IReadOnlyList<UpstreamTarget> Of(Model model, string operationId)
    {
        if (model.Shares.Count == 0 || model.Route.Count < 2)
            return model.Route;

        var order = model.Route.ToArray();
        var draws = Seed(operationId);
        for (var start = 0; start < order.Length;)
        {
            var end = EndOfGroup(model, order, start);
            Draw(model, order.AsSpan(start, end - start), ref draws);
            start = end;
        }

        return order;
    }

    private static int EndOfGroup(Model model, UpstreamTarget[] order, int start)
    {
        var end = start + 1;
        if (!model.Shares.TryGetValue(order[start], out var share))
            return end;

        while (end < order.Length && model.Shares.TryGetValue(order[end], out var next) && next.Group == share.Group)
            end++;

        return end;
    }

    private static void Draw(Model model, Span<UpstreamTarget> group, ref ulong draws)
    {
        for (; group.Length > 1; group = group[1..])
        {
            var sum = 0L;
            foreach (var target in group)
                sum += model.Shares[target].Weight;

            var point = (long)(Next(ref draws) % (ulong)sum);
            var drawn = 0;
            while (point >= model.Shares[group[drawn]].Weight)
                point -= model.Shares[group[drawn++]].Weight;

            // What was not drawn keeps its order.
            var first = group[drawn];
            group[..drawn].CopyTo(group[1..]);
            group[0] = first;
        }
    }

    /// <summary>FNV-1a over the id's characters (Fowler, Noll, Vo).</summary>
    private static ulong Seed(string operationId)
    {
        var hash = 14_695_981_039_346_656_037UL;
        foreach (var character in operationId)
            hash = (hash ^ character) * 1_099_511_628_211UL;

        return hash;
    }

    /// <summary>SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators, 2014).</summary>
    private static ulong Next(ref ulong state)
    {
        state += 0x9E3779B97F4A7C15UL;
        var mixed = (state ^ (state >> 30)) * 0xBF58476D1CE4E5B9UL;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EBUL;
        return mixed ^ (mixed >> 31);
    }
}
