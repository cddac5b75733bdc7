using System.ComponentModel.DataAnnotations;

namespace OrleansChat.Core.Settings;

/// <summary>Embeddings.</summary>
public sealed record EmbeddingsOptions
{
    /// <summary>The model of a first run.</summary>
    public const string DefaultModel = "builtin/hashing";

    /// <summary>The model of a collection that names none, as <c>upstream/model</c>.</summary>
    /// <value>The default is <c>builtin/hashing</c>.</value>
    public string Model { get; init; } = DefaultModel;

    /// <summary>The price of a million of its input tokens in US dollars, where it is asked for by the name of its target, as search does.</summary>
    [Range(0d, 1_000_000d)]
    public decimal InputUsdPerMillion { get; init; }

    /// <summary>How many calls of one upload or migration are under way at a time; limits of keys, models and upstreams may leave room for fewer.</summary>
    /// <value>The default is 4; 1 to 64.</value>
    [Range(1, 64)]
    public int MaxConcurrentCalls { get; init; } = 4;

    /// <summary>How long a vector may be given again for the same model, settings and text; zero for never.</summary>
    /// <value>The default is one day.</value>
    public TimeSpan CacheTtl { get; init; } = TimeSpan.FromDays(1);

    /// <summary>How much memory vectors of other models than the built-in one may take, in MiB.</summary>
    /// <value>The default is 64; 1 to 65,536.</value>
    [Range(1, 65_536)]
    public int CacheMegabytes { get; init; } = 64;
}
