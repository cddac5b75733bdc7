using OrleansChat.Core.Upstreams;

namespace OrleansChat.Core.Telemetry.GenAi;

/// <summary>The labels of all calls of one kind to one target.</summary>
internal sealed class CallLabels
{
    private const string TokenType = "gen_ai.token.type";

    /// <summary>Makes the labels.</summary>
    public CallLabels(string operation, UpstreamTarget target, string provider)
    {
        SpanName = $"{operation} {target.Model}";
        All =
        [
            new("gen_ai.operation.name", operation),
            new("gen_ai.provider.name", provider),
            new("gen_ai.request.model", target.Model),
            new(TelemetryNames.Upstream, target.Upstream),
        ];
        Input = [.. All, new(TokenType, "input")];
        Output = [.. All, new(TokenType, "output")];
    }

    /// <summary>The name of their spans.</summary>
    public string SpanName { get; }

    /// <summary>What every measurement has.</summary>
    public KeyValuePair<string, object?>[] All { get; }

    /// <summary>Those of input tokens.</summary>
    public KeyValuePair<string, object?>[] Input { get; }

    /// <summary>Those of output tokens.</summary>
    public KeyValuePair<string, object?>[] Output { get; }
}
