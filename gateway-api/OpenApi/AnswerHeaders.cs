using System.Globalization;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using OrleansChat.GatewayApi.Answers;
using OrleansChat.GatewayApi.Caching;
using OrleansChat.GatewayApi.Correlation;
using OrleansChat.GatewayApi.Idempotency;
using OrleansChat.GatewayApi.Problems;
using OrleansChat.GatewayApi.Sessions;
using OrleansChat.GatewayApi.Turns;

namespace OrleansChat.GatewayApi.OpenApi;

/// <summary>Describes the headers that answers bear, refusals as well, and the one that a request may bear for them.</summary>
internal static class AnswerHeaders
{
    private const string Waits = "how long to wait, where that is known";
    private const string Limits = "the key's limit, what is left of it and when it is whole again, where it has one";

    private static readonly Header[] All =
    [
        new(CorrelationMiddleware.Header, "The request's id: the caller's, or a new one.", _ => true),
        new("x-request-id", "The same, where this vendor's clients look for it.", answer => answer.Shape is VendorShape.OpenAI),
        new("request-id", "The same, where this vendor's clients look for it.", answer => answer.Shape is VendorShape.Anthropic),
        new("Retry-After", $"Seconds, rounded up: {Waits}.", answer => answer.MayPass),
        new("retry-after-ms", $"Milliseconds: {Waits}.", answer => answer.MayPass),
        new(TurnHeader.Name, "The turn. A problem without it is a refusal, of which nothing is kept; with it, the turn failed and can be answered anew.", answer => answer.IsTurn),
        new(SessionHeader.Name, "The session, also the one that was made for the message.", answer => answer.Path == "/chat"),
        new(AnswerReplay.Header, "`true`: this is the answer that an earlier request with the same `Idempotency-Key` got.", answer => answer.IsCall),
        new(CachedAnswers.Header, "`hit` or `miss`, where the key or the model has a response cache.", answer => answer.IsCall),
        new(FallbackHeader.Name, "The fallbacks that the answer is owed to, with commas between them.", answer => answer.IsPost),
        .. LimitsOf(answer => answer.IsCall, "x-ratelimit-limit-{0}", "x-ratelimit-remaining-{0}", "x-ratelimit-reset-{0}"),
        .. LimitsOf(answer => answer.IsCall && answer.Shape is VendorShape.Anthropic, "anthropic-ratelimit-{0}-limit", "anthropic-ratelimit-{0}-remaining", "anthropic-ratelimit-{0}-reset"),
    ];

    /// <summary>Completes the description of a route whose answers are described.</summary>
    public static Task DescribeAsync(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        var isPost = context.Description.HttpMethod == "POST";
        var path = "/" + context.Description.RelativePath?.TrimEnd('/');
        foreach (var (status, response) in operation.Responses ?? [])
        {
            if (response is not OpenApiResponse described)
                continue;

            described.Headers ??= new Dictionary<string, IOpenApiHeader>(StringComparer.Ordinal);
            foreach (var header in All.Where(header => header.IsOn(new Answer(isPost, path, status))))
                described.Headers[header.Name] = new OpenApiHeader { Description = header.Description, Schema = Text() };
        }

        if (new Answer(isPost, path, "200").IsCall)
        {
            (operation.Parameters ??= []).Add(new OpenApiParameter
            {
                Name = IdempotentAnswers.Header,
                In = ParameterLocation.Header,
                Description = "A text of the caller's choice: a repeat within 24 hours gets the first answer and is not billed again.",
                Schema = Text(),
            });
        }

        return Task.CompletedTask;
    }

    private static IEnumerable<Header> LimitsOf(Func<Answer, bool> isOn, params string[] names) =>
        from kind in (string[])["requests", "tokens"]
        from name in names
        select new Header(string.Format(CultureInfo.InvariantCulture, name, kind), $"Of {kind}: {Limits}.", isOn);

    private static OpenApiSchema Text() => new() { Type = JsonSchemaType.String };

    /// <summary>A header, and the answers that may bear it.</summary>
    private sealed record Header(string Name, string Description, Func<Answer, bool> IsOn);

    /// <summary>An answer of a route.</summary>
    private sealed record Answer(bool IsPost, string Path, string Status)
    {
        /// <summary>Whose clients the route is for.</summary>
        public VendorShape Shape => VendorError.ShapeOf(Path);

        /// <summary>Whether a model is called, as its vendor's clients do.</summary>
        public bool IsCall => IsPost && Shape is not VendorShape.None && !Path.EndsWith("/count_tokens", StringComparison.Ordinal);

        /// <summary>Whether a turn is answered.</summary>
        public bool IsTurn => IsPost && (Path.EndsWith("/turns", StringComparison.Ordinal) || Path.EndsWith("/regenerate", StringComparison.Ordinal) || Path == "/chat");

        /// <summary>Whether it is a refusal that may be over by itself.</summary>
        public bool MayPass => Status is "402" or "429" or "503";
    }
}
