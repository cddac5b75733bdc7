using System.Text.Json;
using OrleansChat.GatewayApi.Tests.Hosting;

namespace OrleansChat.GatewayApi.Tests.Tenancy;

/// <summary>What keys do with what they may use, at random; the model learns it, and each answer is what the model expects.</summary>
internal sealed class OwnersActions(GatewayHost host, OwnershipModel model, Random random)
{
    private const int Rooms = 5;
    private const string Unseen = "";

    /// <summary>Does something.</summary>
    public async Task ActAsync()
    {
        var tenant = Tenant.All[random.Next(Tenant.All.Count)];
        var session = Pick([.. model.VisibleTo(tenant)]);
        await (random.Next(14) switch
        {
            0 or 1 => MakeAsync(tenant),
            2 or 3 => EnterRoomAsync(tenant, $"room-{random.Next(Rooms)}"),
            4 => AskAsync(tenant),
            5 => RepeatAsync(tenant, $"op-{random.Next(Rooms)}"),
            6 => AskCachedAsync(tenant, $"How is it, {random.Next(Rooms)}?"),
            _ when session is null => MakeAsync(tenant),
            7 or 8 => ChatAsync(tenant, session),
            9 or 10 or 11 => ShareAsync(tenant, session),
            12 => CopyAsync(tenant, session),
            _ => DeleteAsync(tenant, session),
        });
    }

    private async Task MakeAsync(Tenant tenant)
    {
        var marker = model.NewMarker();
        var isShared = tenant.Team is not null && random.Next(3) == 0;
        var made = await JsonAsync(tenant, 201, new("POST", "/api/sessions", JsonSerializer.Serialize(new { title = $"{marker} {tenant.Id}", shared = isShared, budgetUsd = 1 })));
        var session = new ModelSession(Text(made, "id"), tenant, marker) { SharedWith = isShared ? tenant.Team : null };
        model.Sessions.Add(session);
        await ChatAsync(tenant, session);
    }

    /// <summary>Names a session that may be there or not, and that may be anybody's: an id that clients choose.</summary>
    private async Task EnterRoomAsync(Tenant tenant, string room)
    {
        var known = model.Find(room);
        var marker = known?.Marker ?? model.NewMarker();
        var probe = new Probe("POST", "/chat", JsonSerializer.Serialize(new { message = $"What of {marker}?", session_id = room }));
        if (known is not null && !OwnershipModel.MaySee(tenant, known))
        {
            var refused = await tenant.SendAsync(host, probe with { Body = JsonSerializer.Serialize(new { message = "What of it?", session_id = room }) });
            Assert.Equal(404, refused.Status);
            return;
        }

        var session = known ?? new ModelSession(room, tenant, marker);
        session.Turns.Add(Text(await JsonAsync(tenant, 200, probe), "turn_id"));
        if (known is null)
        {
            model.Sessions.Add(session);
            await JsonAsync(tenant, 200, new("PATCH", $"/api/sessions/{room}", $$"""{"title":"{{marker}}"}"""));
        }

        await LookAsync(session);
    }

    private async Task ChatAsync(Tenant tenant, ModelSession session)
    {
        var turns = $"/api/sessions/{session.Id}/turns";
        var probe = session.Turns.Count > 0 && random.Next(3) == 0
            ? new Probe("POST", $"{turns}/{session.Turns[random.Next(session.Turns.Count)]}/regenerate", "{}")
            : new Probe("POST", turns, JsonSerializer.Serialize(new { message = $"What of {session.Marker}?", parentMessageId = Pick(session.Messages) }));
        session.Turns.Add(Text(await JsonAsync(tenant, 200, probe), "turnId"));
        await LookAsync(session);
    }

    private async Task AskAsync(Tenant tenant)
    {
        var followed = Pick([.. model.VisibleTo(tenant).Where(session => session.Responses.Count > 0)]);
        var marker = followed?.Marker ?? model.NewMarker();
        var body = JsonSerializer.Serialize(new { model = "default", input = $"What of {marker}?", previous_response_id = followed?.Responses[^1] });
        var response = Text(await JsonAsync(tenant, 200, new("POST", "/v1/responses", body)), "id");
        var session = followed ?? new ModelSession(Guid.ParseExact(response.AsSpan(5, 32), "N").ToString(), tenant, marker);
        session.Responses.Add(response);
        if (followed is null)
            model.Sessions.Add(session);
        await LookAsync(session);
    }

    private async Task RepeatAsync(Tenant tenant, string operation)
    {
        var answer = await tenant.SendAsync(host, new("POST", "/v1/chat/completions", Completion("The same for all."))
        {
            Headers = [("Idempotency-Key", operation), ("Cache-Control", "no-store")],
        });
        Assert.Equal(200, answer.Status);
        Assert.Equal(!model.Operations.Add((tenant, operation)), answer.Text.Contains("Idempotent-Replayed: true", StringComparison.Ordinal));
    }

    private async Task AskCachedAsync(Tenant tenant, string question)
    {
        var answer = await tenant.SendAsync(host, new("POST", "/v1/chat/completions", Completion(question)));
        Assert.Equal(200, answer.Status);
        Assert.Contains($"x-orleanschat-cache: {(model.Questions.Add((tenant, question)) ? "miss" : "hit")}", answer.Text, StringComparison.Ordinal);
    }

    private async Task ShareAsync(Tenant tenant, ModelSession session)
    {
        if (tenant.Team is null)
            return;

        var shared = session.SharedWith is null;
        var probe = new Probe("PATCH", $"/api/sessions/{session.Id}", $$"""{"shared":{{(shared ? "true" : "false")}}}""");
        if (tenant != session.Owner)
        {
            Assert.Equal(403, (await tenant.SendAsync(host, probe)).Status);
            return;
        }

        await JsonAsync(tenant, 200, probe);
        session.SharedWith = shared ? tenant.Team : null;
        await LookAsync(session);
    }

    private async Task CopyAsync(Tenant tenant, ModelSession session)
    {
        var marker = model.NewMarker();
        var export = await JsonAsync(tenant, 200, new("GET", $"/api/sessions/{session.Id}/export?format=json"));
        var body = export.GetRawText().Replace(session.Marker, marker, StringComparison.Ordinal);
        var copy = new ModelSession(Text(await JsonAsync(tenant, 201, new("POST", "/api/sessions/import", body)), "id"), tenant, marker);
        model.Sessions.Add(copy);
        await LookAsync(copy);
    }

    private async Task DeleteAsync(Tenant tenant, ModelSession session)
    {
        var response = Pick(session.Responses);
        var answer = await tenant.SendAsync(host, new("DELETE", response is null ? $"/api/sessions/{session.Id}" : $"/v1/responses/{response}"));
        if (tenant != session.Owner)
        {
            Assert.Equal(403, answer.Status);
            return;
        }

        Assert.InRange(answer.Status, 200, 204);
        if (response is not null)
            session.Responses.Remove(response);
        session.IsGone = response is null || (session.Responses.Count == 0 && session.Turns.Count == 0);
        await LookAsync(session);
    }

    /// <summary>What the owner sees after a change.</summary>
    private async Task LookAsync(ModelSession session)
    {
        if (session.IsGone)
        {
            session.Seen = Unseen;
            return;
        }

        session.Seen = await ExportAsync(session);
        session.Messages = [.. JsonElement.Parse(session.Seen).GetProperty("messages").EnumerateArray().Select(message => Text(message, "id"))];
    }

    /// <summary>The whole of a session, as its owner sees it now.</summary>
    public async Task<string> ExportAsync(ModelSession session) =>
        (await JsonAsync(session.Owner, 200, new("GET", $"/api/sessions/{session.Id}/export?format=json"))).GetRawText();

    private async Task<JsonElement> JsonAsync(Tenant tenant, int status, Probe probe)
    {
        var answer = await tenant.SendAsync(host, probe);
        Assert.True(answer.Status == status, $"{probe} by {tenant.Id}: {answer}");
        return JsonElement.Parse(answer.Body);
    }

    private T? Pick<T>(IReadOnlyList<T> items)
        where T : class => items.Count == 0 ? null : items[random.Next(items.Count)];

    private static string Completion(string question) => JsonSerializer.Serialize(new { model = "default", messages = new[] { new { role = "user", content = question } } });

    private static string Text(JsonElement json, string name) => json.GetProperty(name).GetString()!;
}
