using System.Text.Json;
using OrleansChat.Core.Errors;
using OrleansChat.Core.Turns;
using OrleansChat.GatewayApi.Bodies;
using OrleansChat.GatewayApi.Sessions;

namespace OrleansChat.GatewayApi.OpenAI;

/// <summary>The body of <c>POST /v1/embeddings</c>.</summary>
internal sealed record EmbeddingRequest
{
    private const string Input = "input";
    private const int MaxInputs = 2_048;
    private const int MaxDimensions = 65_536;

    /// <summary>The body as it came.</summary>
    public required JsonElement Body { get; init; }

    /// <summary>The model's id.</summary>
    public required string Model { get; init; }

    /// <summary>The texts; null where the input is in tokens, which only an OpenAI-compatible upstream understands.</summary>
    public required IReadOnlyList<string>? Texts { get; init; }

    /// <summary>Whether vectors are written as base64 instead of numbers.</summary>
    public bool IsBase64 { get; init; }

    /// <summary>Numbers in a vector; null for the model's own.</summary>
    public int? Dimensions { get; init; }

    /// <summary>An upper bound of the tokens.</summary>
    public long InputTokens => Texts?.Sum(text => TokenEstimate.UpperBound(text)) ?? Body.GetProperty("input").GetRawText().Length;

    /// <summary>A close count of the tokens, for when the upstream reports none.</summary>
    public long CountInput() => Texts?.Sum(text => TokenEstimate.Count(text)) ?? CountTokens(Body.GetProperty(Input));

    /// <summary>Reads and checks the body.</summary>
    public static EmbeddingRequest Read(JsonElement body)
    {
        var fields = Fields.Of(body);
        var request = new EmbeddingRequest
        {
            Body = body,
            Model = fields.RequiredText("model", SessionRules.MaxModel),
            Texts = ReadInput(fields),
            IsBase64 = fields.Word("encoding_format", "float", "base64") == "base64",
            Dimensions = fields.Whole("dimensions", 1, MaxDimensions),
        };
        fields.ThrowIfFaulty();
        return request;
    }

    /// <summary>The texts.</summary>
    /// <exception cref="RequestException">The input is in tokens.</exception>
    public IReadOnlyList<string> RequireTexts() =>
        Texts ?? throw RequestException.Invalid("input", $"'{Model}' takes text, not tokens.", "Send a string or an array of strings.");

    private static long CountTokens(JsonElement input) =>
        input.EnumerateArray().Sum(item => item.ValueKind is JsonValueKind.Array ? item.GetArrayLength() : 1L);

    private static IReadOnlyList<string>? ReadInput(Fields fields)
    {
        switch (fields.Find(Input)?.ValueKind)
        {
            case JsonValueKind.String:
                return [fields.RequiredText(Input, int.MaxValue)];
            case JsonValueKind.Array:
                var items = fields.Items(Input, MaxInputs) ?? [];
                if (items.Count == 0)
                    fields.Fault(Input, "must not be empty");
                var areTokens = items.Count > 0 && items.All(item => item.ValueKind is JsonValueKind.Number or JsonValueKind.Array);
                return areTokens ? null : fields.Texts(Input, MaxInputs, int.MaxValue);
            default:
                fields.Fault(Input, "is required and must be a string or an array of strings");
                return [];
        }
    }
}
