using System.Text.Json;
using Microsoft.Extensions.AI;

namespace OrleansChat.GatewayApi.Translation;

/// <summary>A tool that the client declares and runs itself.</summary>
internal sealed class DeclaredTool(string name, string? description, JsonElement? schema, bool? strict) : AIFunctionDeclaration
{
    private static readonly JsonElement NoParameters = JsonElement.Parse("""{"type":"object","properties":{}}""");

    /// <inheritdoc/>
    public override string Name => name;

    /// <inheritdoc/>
    public override string Description => description ?? "";

    /// <inheritdoc/>
    public override JsonElement JsonSchema => schema ?? NoParameters;

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, object?> AdditionalProperties { get; } =
        strict is { } isStrict ? new Dictionary<string, object?> { ["strict"] = isStrict } : [];
}
