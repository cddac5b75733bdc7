using OrleansChat.Core.Settings;

namespace OrleansChat.Core.Telemetry.GenAi;

/// <summary>The values of <c>gen_ai.provider.name</c>: the protocol that an upstream speaks, as the conventions name it.</summary>
internal sealed class Providers(OrleansChatOptions options)
{
    private const string Builtin = "orleanschat";

    private readonly Dictionary<string, string> _names = options.Upstreams.DistinctBy(upstream => upstream.Id, StringComparer.OrdinalIgnoreCase)
        .ToDictionary(upstream => upstream.Id, upstream => NameOf(upstream.Kind), StringComparer.OrdinalIgnoreCase);

    public string Of(string upstream) => _names.GetValueOrDefault(upstream, Builtin);

    private static string NameOf(UpstreamKind kind) => kind switch
    {
        UpstreamKind.OpenAI => "openai",
        UpstreamKind.AzureOpenAI => "azure.ai.openai",
        UpstreamKind.Anthropic => "anthropic",
        UpstreamKind.Voyage => "voyage",
        _ => Builtin,
    };
}
