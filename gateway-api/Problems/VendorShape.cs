using System.Text.Json;
using Microsoft.AspNetCore.Http;
using OrleansChat.Core.Errors;
using OrleansChat.GatewayApi.Idempotency;

namespace OrleansChat.GatewayApi.Problems;

/// <summary>Errors on <c>/v1</c> look as the vendor's own clients expect them.</summary>
internal enum VendorShape
{
    /// <summary>RFC 9457, everywhere else.</summary>
    None,

    /// <summary>OpenAI's <c>{"error": {message, type, param, code}}</c>.</summary>
    OpenAI,

    /// <summary>Anthropic's <c>{"type": "error", "error": {type, message}}</c>.</summary>
    Anthropic,
}

/// <summary>Chooses and writes vendor shapes.</summary>
internal static class VendorError
{
    /// <summary>The shape of a route, known or not.</summary>
    public static VendorShape ShapeOf(PathString path)
    {
        if (!path.StartsWithSegments("/v1", StringComparison.Ordinal))
            return VendorShape.None;
        return path.StartsWithSegments("/v1/messages", StringComparison.Ordinal) ? VendorShape.Anthropic : VendorShape.OpenAI;
    }

    /// <summary>The header in which a route's own clients look for the request's id; null for none.</summary>
    public static string? RequestIdHeader(PathString path) => ShapeOf(path) switch
    {
        VendorShape.OpenAI => "x-request-id",
        VendorShape.Anthropic => "request-id",
        _ => null,
    };

    /// <summary>The error object of a shape.</summary>
    public static void Write(Utf8JsonWriter writer, VendorShape shape, Problem problem, string correlationId)
    {
        writer.WriteStartObject();
        if (shape is VendorShape.Anthropic)
        {
            writer.WriteString("type", "error");
            writer.WriteStartObject("error");
            writer.WriteString("type", AnthropicType(problem.Code));
            writer.WriteString("message", Message(problem));
            writer.WriteEndObject();
            writer.WriteString("request_id", correlationId);
        }
        else
        {
            writer.WritePropertyName("error");
            WriteOpenAI(writer, problem);
        }

        writer.WriteEndObject();
    }

    /// <summary>OpenAI's inner error object, as it also stands in a stream.</summary>
    public static void WriteOpenAI(Utf8JsonWriter writer, Problem problem)
    {
        var (type, code) = OpenAIType(problem);
        writer.WriteStartObject();
        writer.WriteString("message", Message(problem));
        writer.WriteString("type", type);
        if (problem.Code == ProblemCode.InvalidRequest.Name && problem.Subject is not null)
            writer.WriteString("param", problem.Subject);
        else
            writer.WriteNull("param");
        writer.WriteString("code", code);
        writer.WriteEndObject();
    }

    /// <summary>A problem in one text: what went wrong and what to do about it.</summary>
    public static string Message(Problem problem)
    {
        if (problem.Suggestions.Count == 0)
            return problem.Detail;

        // An upstream's own words often have no full stop.
        var stop = problem.Detail is [.., '.' or '!' or '?'] ? "" : ".";
        return $"{problem.Detail}{stop} {string.Join(' ', problem.Suggestions)}";
    }

    private static (string Type, string? Code) OpenAIType(Problem problem) => problem.Code switch
    {
        "invalid_request" when problem.Subject == IdempotentAnswers.Header => ("invalid_request_error", "idempotency_key_in_use"),
        "invalid_request" or "too_large" => ("invalid_request_error", null),
        "unauthenticated" => ("invalid_request_error", "invalid_api_key"),
        "budget_exceeded" => ("insufficient_quota", "insufficient_quota"),
        "forbidden" => ("invalid_request_error", "forbidden"),
        "not_found" => ("invalid_request_error", problem.Subject == "model" ? "model_not_found" : "not_found"),
        "rate_limited" => (IsOfTokens(problem.Subject) ? "tokens" : "requests", "rate_limit_exceeded"),
        _ => ("server_error", problem.Code),
    };

    /// <summary>Whether a limit counts tokens; the scope that stands before its name may be called anything.</summary>
    private static bool IsOfTokens(string? subject) =>
        subject is not null && subject.AsSpan(subject.LastIndexOf(' ') + 1).Contains("token", StringComparison.OrdinalIgnoreCase);

    private static string AnthropicType(string code) => code switch
    {
        "invalid_request" => "invalid_request_error",
        "unauthenticated" => "authentication_error",
        "budget_exceeded" => "billing_error",
        "forbidden" => "permission_error",
        "not_found" => "not_found_error",
        "too_large" => "request_too_large",
        "rate_limited" => "rate_limit_error",
        "upstream_unavailable" => "overloaded_error",
        "upstream_timeout" => "timeout_error",
        _ => "api_error",
    };
}
