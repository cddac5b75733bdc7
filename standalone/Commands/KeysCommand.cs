using System.CommandLine;
using System.Text.Json;
using OrleansChat.Core.Errors;
using OrleansChat.Standalone.Hosting;
using Spectre.Console;

namespace OrleansChat.Standalone.Commands;

/// <summary><c>keys list|create|rotate|revoke [--server URL] [--key KEY]</c>: the keys of a running server, by an admin key.</summary>
internal static class KeysCommand
{
    private static readonly string[] ListedFields = ["id", "source", "status", "team", "admin", "expiresAt"];

    public static Command Create() => new("keys", "List, make, rotate and revoke the API keys of a running server.")
    {
        ListCommand(), CreateCommand(), RotateCommand(), RevokeCommand(),
    };

    private static Command ListCommand()
    {
        var command = new Command("list", "List all keys.");
        return Run(command, async (_, server, cancellationToken) =>
        {
            using var response = await server.SendAsync(HttpMethod.Get, "/api/keys", null, cancellationToken);
            var keys = (await response.Content.ReadFromJsonAsync<JsonElement>(cancellationToken)).GetProperty("items");
            var table = new Table().AddColumns(ListedFields);
            foreach (var key in keys.EnumerateArray())
                table.AddRow([.. ListedFields.Select(name => new Text(TextOf(key, name)))]);

            AnsiConsole.Write(table);
        });
    }

    private static Command CreateCommand()
    {
        var id = new Option<string?>("--id") { Description = "Its id; without it, one is made." };
        var team = new Option<string?>("--team") { Description = "A team of the settings." };
        var admin = new Option<bool>("--admin") { Description = "Make an admin key." };
        var models = new Option<string[]>("--model") { Description = "A model that it may use; may be given several times. Without it, all." };
        var collections = new Option<string[]>("--collection") { Description = "A collection that it may use; may be given several times. Without it, all." };
        var budget = new Option<decimal?>("--budget-usd") { Description = "US dollars a month." };
        var expires = new Option<DateTimeOffset?>("--expires-at") { Description = "When it ends, such as 2030-01-31T12:00:00Z." };
        var content = new Option<bool>("--log-content") { Description = "Log what it asks and is answered." };
        var command = new Command("create", "Make a key; its secret is shown once.") { id, team, admin, models, collections, budget, expires, content };
        return Run(command, async (parsed, server, cancellationToken) =>
        {
            var body = new
            {
                id = parsed.GetValue(id),
                team = parsed.GetValue(team),
                admin = parsed.GetValue(admin),
                models = parsed.GetValue(models) is { Length: > 0 } names ? names : null,
                collections = parsed.GetValue(collections) is { Length: > 0 } known ? known : null,
                budget = parsed.GetValue(budget) is { } usd ? new { usd, window = "month" } : null,
                expiresAt = parsed.GetValue(expires),
                logContent = parsed.GetValue(content) ? true : (bool?)null,
            };
            using var response = await server.SendAsync(HttpMethod.Post, "/api/keys", body, cancellationToken);
            await ShowSecretAsync(response, cancellationToken);
        });
    }

    private static Command RotateCommand()
    {
        var id = IdArgument();
        var overlap = new Option<int?>("--overlap-seconds") { Description = "How long the secret before stays valid; a day without it." };
        var command = new Command("rotate", "Give a key a new secret; it is shown once.") { id, overlap };
        return Run(command, async (parsed, server, cancellationToken) =>
        {
            var path = $"/api/keys/{Uri.EscapeDataString(parsed.GetValue(id)!)}/rotate";
            using var response = await server.SendAsync(
                HttpMethod.Post, path, new { overlapSeconds = parsed.GetValue(overlap) }, cancellationToken);
            await ShowSecretAsync(response, cancellationToken);
        });
    }

    private static Command RevokeCommand()
    {
        var id = IdArgument();
        var command = new Command("revoke", "End a key for good.") { id };
        return Run(command, async (parsed, server, cancellationToken) =>
        {
            var key = parsed.GetValue(id)!;
            using var response = await server.SendAsync(HttpMethod.Delete, $"/api/keys/{Uri.EscapeDataString(key)}", null, cancellationToken);
            Console.WriteLine($"Key '{key}' is revoked.");
        });
    }

    private static Argument<string> IdArgument() => new("id") { Description = "The key's id." };

    private static Command Run(Command command, Func<ParseResult, RemoteServer, CancellationToken, Task> action)
    {
        var options = new ServerOptions();
        command.Add(options.Address);
        command.Add(options.Key);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            try
            {
                using var server = options.Connect(parsed);
                await action(parsed, server, cancellationToken);
                return 0;
            }
            catch (OrleansChatException fault)
            {
                await Console.Error.WriteLineAsync(fault.Problem.Detail);
                foreach (var suggestion in fault.Problem.Suggestions)
                    await Console.Error.WriteLineAsync($"  {suggestion}");

                return Server.StartFailed;
            }
        });
        return command;
    }

    private static async Task ShowSecretAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var key = await response.Content.ReadFromJsonAsync<JsonElement>(cancellationToken);
        Console.WriteLine($"Key '{TextOf(key, "id")}'. Its secret is shown this once:");
        Console.WriteLine(TextOf(key, "secret"));
    }

    private static string TextOf(JsonElement key, string name) =>
        key.TryGetProperty(name, out var value) && value.ValueKind is not JsonValueKind.Null ? value.ToString() : "";
}
