using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using OrleansChat.Core.Errors;
using OrleansChat.GatewayApi.Keys;
using OrleansChat.GatewayApi.Problems;

namespace OrleansChat.GatewayApi.OpenApi;

/// <summary>Describes what each route may refuse or fail with, in the shape that the route's clients expect, and gives examples of bodies.</summary>
internal static class ProblemResponses
{
    private const string CorrelationId = "01a1f880-b21f-7422-aae1-6f14f903ee7a";

    /// <summary>Completes the description of a route.</summary>
    public static Task DescribeAsync(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        var method = context.Description.HttpMethod ?? "GET";
        var path = "/" + context.Description.RelativePath?.TrimEnd('/');
        operation.Responses ??= [];
        foreach (var problems in CodesOf(method, path, context.Description.ActionDescriptor.EndpointMetadata).GroupBy(code => code.Status))
            operation.Responses.TryAdd(problems.Key.ToString(CultureInfo.InvariantCulture), Describe(path, [.. problems]));
        if (ApiExamples.Requests.TryGetValue($"{method} {path}", out var example))
        {
            operation.RequestBody = new OpenApiRequestBody
            {
                Required = !context.Description.ActionDescriptor.EndpointMetadata.OfType<IAcceptsMetadata>().Any(accepted => accepted.IsOptional),
                Content = new Dictionary<string, OpenApiMediaType>(StringComparer.Ordinal) { ["application/json"] = new() { Example = JsonNode.Parse(example) } },
            };
        }

        return Task.CompletedTask;
    }

    /// <summary>The problems that a route may answer with.</summary>
    public static IEnumerable<ProblemCode> CodesOf(string method, string path, IEnumerable<object> metadata)
    {
        var marks = metadata.ToList();
        var isOpen = marks.Any(mark => mark is IAllowAnonymous or OptionalKey);
        if (isOpen)
            return path == "/metrics" ? [ProblemCode.Unauthenticated] : [];

        var codes = new List<ProblemCode> { ProblemCode.InvalidRequest, ProblemCode.Unauthenticated, ProblemCode.RateLimited, ProblemCode.Internal, ProblemCode.UpstreamUnavailable };
        if (marks.Any(mark => mark is AdminOnly) || NamesModelOrCollection(method, path))
            codes.Add(ProblemCode.Forbidden);
        if (path.Contains('{', StringComparison.Ordinal) || path.StartsWith("/v1/", StringComparison.Ordinal) || path.Contains("search", StringComparison.Ordinal))
            codes.Add(ProblemCode.NotFound);
        if (method is "POST" or "PUT" or "PATCH")
            codes.Add(ProblemCode.TooLarge);
        if (path.EndsWith("/turns", StringComparison.Ordinal) || path.EndsWith("/regenerate", StringComparison.Ordinal) || path == "/chat")
            codes.Add(ProblemCode.TurnInProgress);
        if (method == "POST" && (path == "/chat" || path.StartsWith("/v1/", StringComparison.Ordinal) || path.Contains("/turns", StringComparison.Ordinal)))
            codes.AddRange([ProblemCode.BudgetExceeded, ProblemCode.UpstreamError, ProblemCode.UpstreamTimeout]);
        return codes;
    }

    // What a key may be kept from.
    private static bool NamesModelOrCollection(string method, string path) =>
        path.StartsWith("/api/collections/", StringComparison.Ordinal)
        || (method is "POST" or "PATCH" && (path is "/chat" or "/api/search" or "/api/find-code" || path.StartsWith("/v1/", StringComparison.Ordinal) || path.StartsWith("/api/sessions", StringComparison.Ordinal)));

    private static OpenApiResponse Describe(string path, IReadOnlyList<ProblemCode> codes)
    {
        var shape = VendorError.ShapeOf(path);
        return new OpenApiResponse
        {
            Description = string.Join("; ", codes.Select(code => $"{code.Title} ({code.Name})")),
            Content = new Dictionary<string, OpenApiMediaType>(StringComparer.Ordinal)
            {
                [shape is VendorShape.None ? "application/problem+json" : "application/json"] = new()
                {
                    Examples = codes.ToDictionary(code => code.Name, code => (IOpenApiExample)new OpenApiExample { Value = Example(code, shape) }, StringComparer.Ordinal),
                },
            },
        };
    }

    private static JsonNode? Example(ProblemCode code, VendorShape shape)
    {
        var problem = Problem.Of(code, $"{code.Title}: one sentence on what went wrong this time.", "What the caller can do about it.");
        if (code == ProblemCode.RateLimited || code == ProblemCode.UpstreamUnavailable)
            problem = problem with { RetryAfterSeconds = 1.5 };
        using var json = new MemoryStream();
        using (var writer = new Utf8JsonWriter(json))
        {
            if (shape is VendorShape.None)
                ProblemJson.Write(writer, problem, CorrelationId);
            else
                VendorError.Write(writer, shape, problem, CorrelationId);
        }

        return JsonNode.Parse(Encoding.UTF8.GetString(json.ToArray()));
    }
}
