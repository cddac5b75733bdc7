using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.OpenApi;

namespace OrleansChat.GatewayApi.OpenApi;

/// <summary><c>/openapi/v1.json</c>, and <c>/openapi</c>, a page to browse it. Both are open to all: they tell what the code does, not what it holds.</summary>
internal static class ApiDescription
{
    private const string PagePolicy = "default-src 'none'; connect-src 'self'; script-src 'self'; style-src 'self'; frame-ancestors 'none'";

    /// <summary>Describes the interface.</summary>
    public static void AddApiDescription(this IServiceCollection services) => services.AddOpenApi(options =>
    {
        options.AddOperationTransformer(ProblemResponses.DescribeAsync);
        options.AddOperationTransformer(AnswerHeaders.DescribeAsync);
        options.AddDocumentTransformer(static (document, _, _) =>
        {
            document.Info = new OpenApiInfo
            {
                Title = "OrleansChat",
                Version = "v1",
                Description = "Chat, search and compatible model routes. Failures are RFC 9457 problems with code, detail, suggestions and correlationId; below /v1 they have the vendor's shape.",
            };
            document.Components ??= new OpenApiComponents();
            document.Components.SecuritySchemes ??= new Dictionary<string, IOpenApiSecurityScheme>(StringComparer.Ordinal);
            document.Components.SecuritySchemes["key"] = new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = "bearer", Description = "An API key." };
            document.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference("key", document)] = [] }];
            return Task.CompletedTask;
        });
    });

    /// <summary>Maps the description and the page.</summary>
    public static void MapApiDescription(this IEndpointRouteBuilder routes)
    {
        routes.MapOpenApi().WithMetadata(new AllowAnonymousAttribute());
        Map("/openapi", "text/html", "page.html");
        Map("/openapi/page.js", "text/javascript", "page.js");
        Map("/openapi/page.css", "text/css", "page.css");

        // The address that the server prints, opened in a browser.
        routes.MapGet("/", () => TypedResults.Redirect("/openapi")).ExcludeFromDescription().WithMetadata(new AllowAnonymousAttribute());

        void Map(string path, string type, string resource) => routes.MapGet(path, (HttpContext context) =>
        {
            context.Response.Headers.ContentSecurityPolicy = PagePolicy;
            return TypedResults.Stream(typeof(ApiDescription).Assembly.GetManifestResourceStream($"OpenApi.{resource}")!, $"{type}; charset=utf-8");
        }).ExcludeFromDescription().WithMetadata(new AllowAnonymousAttribute());
    }
}
