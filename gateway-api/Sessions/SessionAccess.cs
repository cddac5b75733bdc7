using OrleansChat.Core.Actors;
using OrleansChat.Core.Errors;
using OrleansChat.Core.Keys;
using OrleansChat.Core.Routing;
using OrleansChat.Core.Sessions;
using OrleansChat.GatewayApi.Correlation;

namespace OrleansChat.GatewayApi.Sessions;

/// <summary>Leads from what a client names to the actor that it means.</summary>
internal sealed class SessionAccess(IActorDirectory actors, IModelCatalog catalog, NewIds ids)
{
    /// <summary>An id for a new session or operation.</summary>
    public string NewId() => ids.Next();

    /// <summary>Whether a text can be a session's id: 1 to 100 letters, digits, '-' and '_'.</summary>
    public static bool IsId(string text) =>
        text.Length is > 0 and <= SessionRules.MaxId && text.AsSpan().IndexOfAnyExcept(IdCharacters) < 0;

    /// <summary>The session of an id.</summary>
    /// <exception cref="RequestException"><c>not_found</c>: no session can have that id.</exception>
    public ISessionActor Find(string id) => IsId(id) ? actors.Session(id) : throw RequestException.NotFound("session", Shorten(id));

    /// <summary>A page of the sessions that a key may see.</summary>
    public ValueTask<SessionPage> ListAsync(ApiKey caller, int limit, string? cursor, string? query, CancellationToken cancellationToken) =>
        SessionLists.ListAsync(actors, caller, limit, cursor, query, cancellationToken);

    /// <summary>Refuses a model that is not configured, so that a session does not fail at its first turn.</summary>
    /// <exception cref="RequestException">The model is not known; those that the key may use are named.</exception>
    public void CheckModel(string? model, ApiKey caller)
    {
        if (model is null || catalog.Models.Any(known => known.Id == model))
            return;
        throw RequestException.Invalid(
            "model", $"'model' names '{Shorten(model)}', which is not configured.", $"Use one of: {string.Join(", ", catalog.Models.Where(caller.MayUse).Select(known => known.Id))}.");
    }

    /// <summary>Refuses collections that the key may not use.</summary>
    /// <exception cref="RequestException"><c>forbidden</c>: one of them is not the key's; those that are, are named.</exception>
    public static void CheckCollections(IReadOnlyList<string>? collections, ApiKey caller)
    {
        foreach (var collection in collections ?? [])
            caller.CheckCollection(collection);
    }

    private static readonly System.Buffers.SearchValues<char> IdCharacters =
        System.Buffers.SearchValues.Create("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz-");

    private static string Shorten(string text) => text.Length <= SessionRules.MaxId ? text : text[..SessionRules.MaxId] + "…";
}
