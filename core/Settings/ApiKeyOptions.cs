using OrleansChat.Core.Caching;

namespace OrleansChat.Core.Settings;

/// <summary>An API key.</summary>
public sealed record ApiKeyOptions
{
    /// <summary>Its id: letters, digits, '.', '_' and '-', at most 64.</summary>
    public string Id { get; init; } = "";

    /// <summary>Its secret: <c>env:NAME</c>, <c>file:/path</c> or the secret itself.</summary>
    public string Secret { get; init; } = "";

    /// <summary>The team that it belongs to.</summary>
    public string? Team { get; init; }

    /// <summary>Whether it may see and change what is not its own.</summary>
    public bool Admin { get; init; }

    /// <summary>Its limits.</summary>
    public LimitOptions Limits { get; init; } = new();

    /// <summary>Its budget.</summary>
    public BudgetOptions? Budget { get; init; }

    /// <summary>The ids of the models that it may use; empty for all.</summary>
    public IReadOnlyList<string> Models { get; init; } = [];

    /// <summary>The ids of the upstreams that may answer it; empty for all.</summary>
    public IReadOnlyList<string> Upstreams { get; init; } = [];

    /// <summary>The names of the collections that it may use, whether they are there yet or not; empty for all.</summary>
    public IReadOnlyList<string> Collections { get; init; } = [];

    /// <summary>Whether its requests on <c>/v1</c> may be answered from the cache; without it, the model decides.</summary>
    public CacheScope? Cache { get; init; }

    /// <summary>Whether what it asks and is answered is logged, in category <c>OrleansChat.Content</c>.</summary>
    /// <value>The default is <see langword="false"/>: nobody's words are logged.</value>
    public bool LogContent { get; init; }

    /// <summary>Its name alone: a record would print its secret.</summary>
    /// <returns>The name.</returns>
    public override string ToString() => $"key {Id}";
}

/// <summary>A team.</summary>
public sealed record TeamOptions
{
    /// <summary>Its id: letters, digits, '.', '_' and '-', at most 64.</summary>
    public string Id { get; init; } = "";

    /// <summary>The limits that all its keys share.</summary>
    public LimitOptions Limits { get; init; } = new();

    /// <summary>The budget that all its keys share.</summary>
    public BudgetOptions? Budget { get; init; }
}
