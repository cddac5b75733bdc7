namespace OrleansChat.Core.Settings;

/// <summary>An upstream: a server that answers for models.</summary>
public sealed record UpstreamOptions
{
    /// <summary>The id of the upstream that is always there.</summary>
    public const string BuiltinId = "builtin";

    /// <summary>How long a whole call may take by default.</summary>
    public static readonly TimeSpan DefaultTimeout = TimeSpan.FromMinutes(1);

    /// <summary>Its id: letters, digits, '.', '_' and '-', at most 64. <c>builtin</c> is taken.</summary>
    public string Id { get; init; } = "";

    /// <summary>Which protocol it speaks.</summary>
    /// <value>The default is <see cref="UpstreamKind.OpenAI"/>.</value>
    public UpstreamKind Kind { get; init; } = UpstreamKind.OpenAI;

    /// <summary>Its address, with the version's path where it has one.</summary>
    public string BaseUrl { get; init; } = "";

    /// <summary>Its key: <c>env:NAME</c>, <c>file:/path</c> or the key itself; null for none.</summary>
    public string? ApiKey { get; init; }

    /// <summary>
    /// The version of its protocol: Azure OpenAI's <c>api-version</c>, Anthropic's <c>anthropic-version</c>. Other kinds have none.
    /// </summary>
    /// <value>
    /// The default is null: <c>2024-10-21</c> for Azure's deployments, none for Azure's <c>/openai/v1</c>, <c>2023-06-01</c> for Anthropic.
    /// </value>
    public string? ApiVersion { get; init; }

    /// <summary>How long a whole call may take.</summary>
    /// <value>The default is 1 minute; 1 second to 1 hour.</value>
    public TimeSpan Timeout { get; init; } = DefaultTimeout;

    /// <summary>How long a connection may take to come about.</summary>
    /// <value>The default is 5 seconds.</value>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long the first token may take.</summary>
    /// <value>The default is 30 seconds.</value>
    public TimeSpan FirstTokenTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a stream may be silent between two tokens.</summary>
    /// <value>The default is 15 seconds.</value>
    public TimeSpan TokenTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Attempts after the first, before any token came.</summary>
    /// <value>The default is 2; 0 to 10.</value>
    public int MaxRetries { get; init; } = 2;

    /// <summary>Which field carries the limit on an answer's length, where the upstream speaks OpenAI's protocol.</summary>
    /// <value>The default is <see cref="MaxTokensField.ByAddress"/>.</value>
    public MaxTokensField MaxTokensField { get; init; }

    /// <summary>
    /// How many times as long as alone it may take to begin an answer, at the median, before a process sends it fewer calls at a time and has others tried or refused at once; 0 for any. It suits
    /// a server of one's own whose calls are alike, and not one where a call takes a second and the next a minute.
    /// </summary>
    /// <value>The default is 0; otherwise from 1.1 to 100.</value>
    public double MaxSlowdown { get; init; }

    /// <summary>The limits that all its callers share.</summary>
    public LimitOptions Limits { get; init; } = new();

    /// <summary>Its name alone: a record would print its secret.</summary>
    /// <returns>The name.</returns>
    public override string ToString() => $"upstream {Id}";
}

/// <summary>Which protocol an upstream speaks.</summary>
public enum UpstreamKind
{
    /// <summary>OpenAI's, as vLLM, Ollama, LM Studio and many others speak it too.</summary>
    OpenAI,

    /// <summary>Azure OpenAI's.</summary>
    AzureOpenAI,

    /// <summary>Anthropic's.</summary>
    Anthropic,

    /// <summary>Voyage AI's.</summary>
    Voyage,

    /// <summary>Answered in this process.</summary>
    Builtin,
}
