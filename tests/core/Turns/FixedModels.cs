using OrleansChat.Core.Errors;
using OrleansChat.Core.RateLimiting;
using OrleansChat.Core.Routing;
using OrleansChat.Core.Upstreams;

namespace OrleansChat.Core.Tests.Turns;

/// <summary>
/// Three models: <c>default</c> on <c>one/m</c> then <c>two/m</c>, and two with a window of 400 tokens: <c>small</c> on <c>one/s</c> and
/// <c>quoting</c> on <c>builtin/extractive</c>.
/// </summary>
internal sealed class FixedModels : IModelCatalog
{
    public IReadOnlyList<Model> Models { get; } =
    [
        Make("default", 8_000, 1_000, "one/m", "two/m"),
        Make("small", 400, 100, "one/s"),
        Make("quoting", 400, 100, "builtin/extractive"),
    ];

    public Model Find(string? id) => Models.FirstOrDefault(model => model.Id == (id ?? "default")) ?? throw RequestException.NotFound("model", id!);

    public Model OfTarget(UpstreamTarget target) => Make(target.ToString(), 8_000, 1_000, target.ToString());

    public static Model Make(string id, int context, int output, params string[] route) => new()
    {
        Id = id,
        Route = [.. route.Select(text => UpstreamTarget.TryParse(text, out var target) ? target : throw new ArgumentException(text))],
        ContextTokens = context,
        MaxOutputTokens = output,
        Price = Price.Free,
        Limits = RateLimits.None,
    };
}
