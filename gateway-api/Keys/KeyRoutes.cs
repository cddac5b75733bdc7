using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using OrleansChat.Core.Actors;
using OrleansChat.Core.Keys;
using OrleansChat.GatewayApi.Bodies;

namespace OrleansChat.GatewayApi.Keys;

/// <summary><c>/api/keys</c>: keys made at run time, and a look at those of settings. For admins.</summary>
internal static class KeyRoutes
{
    /// <summary>Maps the routes.</summary>
    public static void MapKeys(this IEndpointRouteBuilder routes)
    {
        var keys = routes.MapGroup("/api/keys").WithTags("Operation").RequireAdmin();
        keys.MapGet("", ListAsync);
        keys.MapPost("", CreateAsync);
        keys.MapPatch("/{id}", ChangeAsync);
        keys.MapPost("/{id}/rotate", RotateAsync);
        keys.MapDelete("/{id}", RevokeAsync);
    }

    private static async Task<Ok<KeyLines>> ListAsync(KeyRing ring, KeyChange change, CancellationToken cancellationToken) =>
        TypedResults.Ok(new KeyLines([.. ring.Configured.Select(KeyLine.Configured), .. await change.ListAsync(cancellationToken)]));

    private static async Task<Created<KeyLine>> CreateAsync(
        HttpContext context, Body<KeyBody> body, KeyBodyReader reader, KeyChange change, TimeProvider clock, CancellationToken cancellationToken)
    {
        var changes = reader.Check(body.Value);
        var id = body.Value.Id ?? $"key-{Guid.CreateVersion7():N}";
        reader.CheckNotConfigured(id);
        var secret = KeySecret.Create();
        var issued = changes.ApplyTo(new IssuedKey
        {
            Key = new ApiKey { Id = id },
            SecretHash = KeySecret.Hash(secret),
            CreatedAt = clock.GetUtcNow(),
        });
        var line = await change.ApplyAsync(id, (keys, token) => keys.CreateAsync(issued, token), cancellationToken);
        HideFromCaches(context);
        return TypedResults.Created($"/api/keys/{id}", line with { Secret = secret });
    }

    private static async Task<Ok<KeyLine>> ChangeAsync(
        string id, Body<KeyBody> body, KeyBodyReader reader, KeyChange change, CancellationToken cancellationToken)
    {
        reader.CheckNotConfigured(id);
        var changes = reader.Check(body.Value);
        return TypedResults.Ok(await change.ApplyAsync(id, (keys, token) => keys.ChangeAsync(id, changes, token), cancellationToken));
    }

    private static async Task<Ok<KeyLine>> RotateAsync(
        HttpContext context, string id, Body<RotateKey> body, KeyBodyReader reader, KeyChange change, TimeProvider clock, CancellationToken cancellationToken)
    {
        reader.CheckNotConfigured(id);
        var secret = KeySecret.Create();
        var until = clock.GetUtcNow().AddSeconds(body.Value.OverlapSeconds);
        var line = await change.ApplyAsync(
            id, (keys, token) => keys.RotateAsync(id, KeySecret.Hash(secret), until, token), cancellationToken);
        HideFromCaches(context);
        return TypedResults.Ok(line with { Secret = secret });
    }

    private static async Task<NoContent> RevokeAsync(string id, KeyBodyReader reader, KeyChange change, CancellationToken cancellationToken)
    {
        // One that settings overrule can be ended, so that it is not back when they name it no more.
        if (!await change.IsKnownAsync(id, cancellationToken))
            reader.CheckNotConfigured(id);
        await change.ApplyAsync(id, (keys, token) => keys.RevokeAsync(id, token), cancellationToken);
        return TypedResults.NoContent();
    }

    private static void HideFromCaches(HttpContext context) => context.Response.Headers.CacheControl = "no-store";
}

/// <summary>Changes keys so that this process knows it at once.</summary>
internal sealed class KeyChange(IActorDirectory actors, KeyWatch watch, KeyRing ring, TimeProvider clock)
{
    /// <summary>The keys made at run time.</summary>
    public async ValueTask<IEnumerable<KeyLine>> ListAsync(CancellationToken cancellationToken)
    {
        var list = await actors.ApiKeys().ListAsync(cancellationToken);
        watch.Learn(list);
        return list.Keys.Select(LineOf);
    }

    /// <summary>Whether a key of that id was made at run time.</summary>
    public async ValueTask<bool> IsKnownAsync(string id, CancellationToken cancellationToken) =>
        (await actors.ApiKeys().ListAsync(cancellationToken)).Keys.Any(issued => issued.Id == id);

    /// <summary>Changes a key.</summary>
    /// <returns>The key after it.</returns>
    public async ValueTask<KeyLine> ApplyAsync(
        string id, Func<IApiKeysActor, CancellationToken, ValueTask<KeyList>> change, CancellationToken cancellationToken)
    {
        var list = await change(actors.ApiKeys(), cancellationToken);
        watch.Learn(list);
        return LineOf(list.Keys.First(issued => issued.Id == id));
    }

    private KeyLine LineOf(IssuedKey issued) => KeyLine.Issued(issued, ring.Names(issued.Id), clock.GetUtcNow());
}
