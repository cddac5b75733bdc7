using System.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;

namespace OrleansChat.GatewayApi.Bodies;

/// <summary>A body that reads itself from fields.</summary>
/// <typeparam name="TSelf">The body.</typeparam>
internal interface IBody<TSelf>
    where TSelf : IBody<TSelf>
{
    /// <summary>Whether a request without a body is as good as one with an empty object.</summary>
    static virtual bool IsOptional => false;

    /// <summary>Reads the body; faults stay with the fields.</summary>
    static abstract TSelf Read(Fields fields, BodyLimits limits);
}

/// <summary>Limits of what a body may hold.</summary>
/// <param name="MaxMessageCharacters">Characters of a chat message.</param>
internal sealed record BodyLimits(int MaxMessageCharacters);

/// <summary>A body as a parameter of an endpoint.</summary>
/// <typeparam name="T">The body.</typeparam>
/// <param name="Value">The body, checked.</param>
internal sealed record Body<T>(T Value) : IEndpointParameterMetadataProvider
    where T : IBody<T>
{
    /// <summary>Reads and checks the request's body.</summary>
    public static async ValueTask<Body<T>?> BindAsync(HttpContext context)
    {
        var limits = BodyLimitsOf(context);
        if (T.IsOptional && context.Request.ContentType is null && context.Request.ContentLength is null or 0)
            return new(T.Read(Fields.Empty, limits));

        using var document = await JsonBody.ReadAsync(context);
        var fields = Fields.Of(document.RootElement);
        var value = T.Read(fields, limits);
        fields.ThrowIfFaulty();
        return new(value);
    }

    /// <inheritdoc/>
    public static void PopulateMetadata(ParameterInfo parameter, EndpointBuilder builder) =>
        builder.Metadata.Add(new AcceptsMetadata(["application/json"], typeof(T), T.IsOptional));

    private static BodyLimits BodyLimitsOf(HttpContext context) =>
        new(JsonBody.OptionsOf(context).MaxMessageCharacters);
}
