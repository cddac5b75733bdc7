using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using OrleansChat.Core.Keys;

namespace OrleansChat.GatewayApi.Keys;

/// <summary>Who calls, as a parameter of an endpoint.</summary>
/// <param name="Key">The caller's key.</param>
internal sealed record Caller(ApiKey Key)
{
    /// <summary>Reads what <see cref="KeyMiddleware"/> found.</summary>
    public static ValueTask<Caller?> BindAsync(HttpContext context) => ValueTask.FromResult<Caller?>(new Caller(Of(context)));

    /// <summary>The caller's key.</summary>
    public static ApiKey Of(HttpContext context) => context.Features.GetRequiredFeature<ApiKey>();
}

/// <summary>Marks an endpoint that only admin keys may use.</summary>
internal sealed class AdminOnly;

/// <summary>Marks an endpoint that is open to all and says more to callers with a key.</summary>
internal sealed class OptionalKey;

/// <summary>Conventions of endpoints about keys.</summary>
internal static class KeyConventions
{
    /// <summary>Only admin keys may use the endpoint.</summary>
    public static TBuilder RequireAdmin<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(new AdminOnly());
}
