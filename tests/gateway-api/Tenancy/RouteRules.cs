namespace OrleansChat.GatewayApi.Tests.Tenancy;

/// <summary>The declared audience of every route. A route that is added needs a line here.</summary>
internal static class RouteRules
{
    public static IReadOnlyDictionary<string, RouteRule> All { get; } = new Dictionary<string, RouteRule>(StringComparer.Ordinal)
    {
        ["GET /"] = new(Audience.Everybody),
        ["GET /openapi"] = new(Audience.Everybody),
        ["GET /openapi/page.css"] = new(Audience.Everybody),
        ["GET /openapi/page.js"] = new(Audience.Everybody),
        ["GET /openapi/{documentName}.json"] = new(Audience.Everybody),
        ["GET /health"] = new(Audience.Everybody),
        ["GET /live"] = new(Audience.Everybody),
        ["GET /ready"] = new(Audience.Everybody),
        ["GET /metrics"] = new(Audience.AnyKey),

        ["POST /api/sessions"] = new(Audience.AnyKey, 201),
        ["POST /api/sessions/import"] = new(Audience.AnyKey, 201),
        ["GET /api/sessions"] = new(Audience.AnyKey),
        ["GET /api/sessions/{id}"] = new(Audience.OwnerAndTeam),
        ["PATCH /api/sessions/{id}"] = new(Audience.Owner),
        ["DELETE /api/sessions/{id}"] = new(Audience.Owner, 204),
        ["GET /api/sessions/{id}/export"] = new(Audience.OwnerAndTeam),
        ["POST /api/sessions/{id}/turns"] = new(Audience.OwnerAndTeam),
        ["GET /api/sessions/{id}/turns/{turnId}"] = new(Audience.OwnerAndTeam),
        ["GET /api/sessions/{id}/turns/{turnId}/events"] = new(Audience.OwnerAndTeam),
        ["POST /api/sessions/{id}/turns/{turnId}/cancel"] = new(Audience.OwnerAndTeam, 202),
        ["POST /api/sessions/{id}/turns/{turnId}/regenerate"] = new(Audience.OwnerAndTeam),
        ["GET /chat/ws/{clientId}/{sessionId}"] = new(Audience.OwnerAndTeam, 101),
        ["POST /chat"] = new(Audience.OwnerAndTeam),

        ["POST /v1/chat/completions"] = new(Audience.AnyKey),
        ["POST /v1/embeddings"] = new(Audience.AnyKey),
        ["POST /v1/messages"] = new(Audience.AnyKey),
        ["POST /v1/messages/count_tokens"] = new(Audience.AnyKey),
        ["GET /v1/models"] = new(Audience.AnyKey),
        ["GET /v1/models/{id}"] = new(Audience.AnyKey),
        ["POST /v1/responses"] = new(Audience.AnyKey),
        ["GET /v1/responses/{id}"] = new(Audience.OwnerAndTeam),
        ["GET /v1/responses/{id}/input_items"] = new(Audience.OwnerAndTeam),
        ["DELETE /v1/responses/{id}"] = new(Audience.Owner),

        // Collections belong to no key. The migration that is asked for is none, and the upstream of its model is not configured.
        ["GET /api/collections"] = new(Audience.AnyKey),
        ["GET /api/collections/{name}"] = new(Audience.AnyKey),
        ["PUT /api/collections/{name}"] = new(Audience.AnyKey),
        ["GET /api/collections/{name}/documents"] = new(Audience.AnyKey),
        ["POST /api/collections/{name}/documents"] = new(Audience.AnyKey),
        ["DELETE /api/collections/{name}/documents/{id}"] = new(Audience.AnyKey, 204),
        ["GET /api/collections/{name}/migrations"] = new(Audience.AnyKey),
        ["POST /api/collections/{name}/migrations"] = new(Audience.AnyKey, 404),
        ["GET /api/collections/{name}/migrations/{id}"] = new(Audience.AnyKey, 404),
        ["POST /api/collections/{name}/migrations/{id}/{command}"] = new(Audience.AnyKey, 404),
        ["POST /api/search"] = new(Audience.AnyKey),
        ["POST /api/find-code"] = new(Audience.AnyKey),

        ["POST /mcp"] = new(Audience.AnyKey),
        ["GET /mcp"] = new(Audience.Opener),
        ["DELETE /mcp"] = new(Audience.Opener, 204),

        ["GET /api/usage"] = new(Audience.AnyKey),
        ["GET /api/limits"] = new(Audience.AnyKey),
        ["GET /api/flags"] = new(Audience.AnyKey),
        ["GET /api/breakers"] = new(Audience.AnyKey),
        ["POST /api/breakers/{upstream}/reset"] = new(Audience.Admins),
        ["POST /api/breakers/{upstream}/trip"] = new(Audience.Admins),
        ["GET /api/budgets/{scope}/top-ups"] = new(Audience.Admins),
        ["POST /api/budgets/{scope}/top-up"] = new(Audience.Admins),
        ["GET /api/incidents"] = new(Audience.Admins),
        ["GET /api/backup"] = new(Audience.Admins),
        ["GET /api/keys"] = new(Audience.Admins),
        ["POST /api/keys"] = new(Audience.Admins, 201),
        ["PATCH /api/keys/{id}"] = new(Audience.Admins),
        ["POST /api/keys/{id}/rotate"] = new(Audience.Admins),
        ["DELETE /api/keys/{id}"] = new(Audience.Admins, 204),
    };
}
