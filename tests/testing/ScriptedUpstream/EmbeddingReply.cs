using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace OrleansChat.Testing;

/// <summary>Unit vectors derived from each input's text: the same text gives the same vector, everywhere.</summary>
public sealed record EmbeddingReply : Reply
{
    public const int DefaultDimensions = 8;

    public int Dimensions { get; init; } = DefaultDimensions;

    /// <summary>Vectors left out at the end, to be wrong.</summary>
    public int Missing { get; init; }

    /// <summary>Whether the request's <c>dimensions</c> is ignored.</summary>
    public bool IgnoresDimensions { get; init; }

    /// <summary>Whether the items come in reverse order, with their indices.</summary>
    public bool IsReversed { get; init; }

    public bool HidesUsage { get; init; }

    public EmbeddingReply Without(int vectors) => this with { Missing = vectors };

    public EmbeddingReply IgnoringDimensions() => this with { IgnoresDimensions = true };

    public EmbeddingReply Reversed() => this with { IsReversed = true };

    public EmbeddingReply WithoutUsage() => this with { HidesUsage = true };

    /// <summary>The vector that stands for a text.</summary>
    public static float[] Vector(string text, int dimensions = DefaultDimensions)
    {
        var vector = new float[dimensions];
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        for (var i = 0; i < dimensions; i++)
        {
            SHA256.HashData(Encoding.UTF8.GetBytes($"{i}:{text}"), hash);
            vector[i] = (MemoryMarshal.Read<int>(hash) / (float)int.MaxValue) + 1e-6f;
        }

        var norm = MathF.Sqrt(vector.Sum(x => x * x));
        return [.. vector.Select(x => x / norm)];
    }

    internal override async Task RespondAsync(HttpContext context, RecordedRequest request, UpstreamBill bill)
    {
        var inputs = Inputs(request.Body).ToArray();
        var dimensions = !IgnoresDimensions && request.Body.TryGetProperty("dimensions", out var asked) ? asked.GetInt32() : Dimensions;
        var base64 = request.Body.TryGetProperty("encoding_format", out var format) && format.GetString() == "base64";
        var tokens = inputs.Sum(text => text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Length);
        bill.Add(new(tokens, 0));

        var items = inputs.SkipLast(Missing).Select((text, index) => new JsonObject
        {
            ["object"] = "embedding",
            ["index"] = index,
            ["embedding"] = Encode(Vector(text, dimensions), base64),
        });
        var answer = new JsonObject
        {
            ["object"] = "list",
            ["model"] = request.Model,
            ["data"] = new JsonArray([.. IsReversed ? items.Reverse() : items]),
        };
        if (!HidesUsage)
            answer["usage"] = new JsonObject { ["prompt_tokens"] = tokens, ["total_tokens"] = tokens };
        context.Response.ContentType = "application/json";
        await context.Response.WriteAsync(answer.ToJsonString(), context.RequestAborted);
    }

    private static JsonNode Encode(float[] vector, bool base64)
        => base64
            ? JsonValue.Create(Convert.ToBase64String(MemoryMarshal.AsBytes<float>(vector)))
            : new JsonArray([.. vector.Select(x => (JsonNode)JsonValue.Create(x))]);

    private static IEnumerable<string> Inputs(JsonElement body)
    {
        var input = body.GetProperty("input");
        return input.ValueKind is JsonValueKind.String ? [input.GetString()!] : input.EnumerateArray().Select(text => text.ToString());
    }
}
