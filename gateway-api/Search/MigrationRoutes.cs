using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using OrleansChat.Core.Search;
using OrleansChat.Core.Search.Migrations;
using OrleansChat.GatewayApi.Bodies;

namespace OrleansChat.GatewayApi.Search;

/// <summary><c>/api/collections/{name}/migrations</c>.</summary>
internal static class MigrationRoutes
{
    public static async Task<Accepted<MigrationView>> StartAsync(
        string name, Body<StartMigration> body, CollectionMigrations migrations, CancellationToken cancellationToken)
    {
        var started = await migrations.StartAsync(name, body.Value.EmbeddingModel, cancellationToken);
        return TypedResults.Accepted($"/api/collections/{name}/migrations/{started.Id}", started);
    }

    public static async Task<Ok<MigrationList>> ListAsync(string name, CollectionMigrations migrations, CancellationToken cancellationToken) =>
        TypedResults.Ok(await migrations.ListAsync(name, cancellationToken));

    public static async Task<Ok<MigrationView>> GetAsync(string name, string id, CollectionMigrations migrations, CancellationToken cancellationToken) =>
        TypedResults.Ok(await migrations.GetAsync(name, id, cancellationToken));

    public static async Task<Accepted<MigrationView>> CommandAsync(
        string name, string id, string command, CollectionMigrations migrations, CancellationToken cancellationToken) =>
        TypedResults.Accepted(
            $"/api/collections/{name}/migrations/{id}",
            await migrations.CommandAsync(name, id, Enum.Parse<MigrationCommand>(command, ignoreCase: true), cancellationToken));
}

/// <summary>The body that starts a migration.</summary>
internal sealed record StartMigration(string EmbeddingModel) : IBody<StartMigration>
{
    private const int MaxName = 256;

    public static StartMigration Read(Fields fields, BodyLimits limits) => new(fields.RequiredText("embeddingModel", MaxName));
}
