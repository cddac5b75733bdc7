namespace OrleansChat.Core.Settings;

/// <summary>The settings of section <c>OrleansChat</c>.</summary>
public sealed record OrleansChatOptions
{
    /// <summary>The section's name.</summary>
    public const string SectionName = "OrleansChat";

    /// <summary>The address of a first run.</summary>
    public const string DefaultUrls = "http://127.0.0.1:8080";

    /// <summary>Addresses to listen on, separated by ';'.</summary>
    /// <value>The default is <c>http://127.0.0.1:8080</c>.</value>
    public string Urls { get; init; } = DefaultUrls;

    /// <summary>The folder of the journal, used by standalone alone.</summary>
    /// <value>The default is <c>./data</c>.</value>
    public string DataDirectory { get; init; } = "./data";

    /// <summary>Whether to answer without keys on an address that others can reach.</summary>
    /// <value>The default is <see langword="false"/>.</value>
    public bool AllowAnonymous { get; init; }

    /// <summary>API keys. With none, only this machine is answered, as key <c>local</c>.</summary>
    public IReadOnlyList<ApiKeyOptions> ApiKeys { get; init; } = [];

    /// <summary>Teams.</summary>
    public IReadOnlyList<TeamOptions> Teams { get; init; } = [];

    /// <summary>The whole organisation.</summary>
    public OrgOptions Org { get; init; } = new();

    /// <summary>Who is told when a budget's threshold is reached.</summary>
    public BudgetAlertOptions BudgetAlerts { get; init; } = new();

    /// <summary>How long ledgers keep single settlements.</summary>
    public LedgerOptions Ledger { get; init; } = new();

    /// <summary>When upstreams are left alone.</summary>
    public BreakerOptions Breakers { get; init; } = new();

    /// <summary>Upstreams beside <c>builtin</c>, which is always there.</summary>
    public IReadOnlyList<UpstreamOptions> Upstreams { get; init; } = [];

    /// <summary>Models. With none, <c>default</c> is <c>builtin/extractive</c>.</summary>
    public IReadOnlyList<ModelOptions> Models { get; init; } = [];

    /// <summary>Embeddings.</summary>
    public EmbeddingsOptions Embeddings { get; init; } = new();

    /// <summary>How searches are answered.</summary>
    public SearchOptions Search { get; init; } = new();

    /// <summary>Where a cluster keeps passages.</summary>
    public QdrantOptions Qdrant { get; init; } = new();

    /// <summary>What a client may send, and how long it may take.</summary>
    public GatewayOptions Gateway { get; init; } = new();

    /// <summary>Requests with an <c>Idempotency-Key</c>.</summary>
    public IdempotencyOptions Idempotency { get; init; } = new();

    /// <summary>The response cache, for the keys and models that opt in.</summary>
    public CacheOptions Cache { get; init; } = new();

    /// <summary>Passing requests through limits and budgets.</summary>
    public AdmissionOptions Admission { get; init; } = new();

    /// <summary>Sessions and turns.</summary>
    public SessionOptions Sessions { get; init; } = new();

    /// <summary>The cluster, used by silos and their gateways.</summary>
    public ClusterOptions Cluster { get; init; } = new();

    /// <summary>Feature flags.</summary>
    public IReadOnlyList<FlagOptions> Flags { get; init; } = [];

    /// <summary>Logs.</summary>
    public LoggingOptions Logging { get; init; } = new();

    /// <summary>Metrics and traces.</summary>
    public TelemetryOptions Telemetry { get; init; } = new();
}
