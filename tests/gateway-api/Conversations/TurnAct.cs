using System.Text.Json;
using OrleansChat.GatewayApi.Tests.Calls;
using OrleansChat.GatewayApi.Tests.Hosting;

namespace OrleansChat.GatewayApi.Tests.Conversations;

/// <summary>Asks something, or for the answer of a turn anew, and hears what is answered.</summary>
internal sealed class TurnAct(string key, NaiveSession session, Question question, Way way) : Act(key, session)
{
    private volatile string? _turnId;

    public Question Question => question;

    public Way Way => way;

    public string? ClientTurnId { get; init; }

    /// <summary>The message that it is to follow; null for the end of the path.</summary>
    public string? ParentId { get; init; }

    /// <summary>The turn whose answer is to be made anew; null for a question.</summary>
    public NaiveTurn? Again { get; init; }

    /// <summary>The model that is to answer; null for the session's.</summary>
    public string? Model { get; init; }

    /// <summary>The turn that he was told he has, answered or failed; null where he was refused.</summary>
    public string? TurnId => _turnId;

    /// <summary>The answer in one piece.</summary>
    public JsonElement Answer { get; private set; }

    public Heard Heard { get; } = new(0);

    public override string ToString() =>
        $"asks {question.Number}{(Again is null ? "" : " anew")} as '{ClientTurnId}' below {ParentId}, {way}, {Model}: "
        + $"{Shown}, turn {TurnId}, {(way is Way.Whole or Way.Simple ? $"{Answer}" : Heard)}";

    protected override async Task DoAsync(IGatewaySite world)
    {
        switch (way)
        {
            case Way.Simple:
                await AnswerAsync(world, "/chat", new { api_version = "v2", message = question.Text, session_id = Session.Id }, "turn_id");
                break;
            case Way.Whole:
                await AnswerAsync(world, TurnPath, Body, "turnId");
                break;
            case Way.Socket:
                if (await OpenSocketAsync(world) is { } client)
                {
                    using (client)
                    {
                        await client.SendAsync(new { type = "chat", data = new { message = question.Text } });
                        await HearAsync(client, Heard, turnId => _turnId = turnId);
                    }
                }

                break;
            default:
                await StreamAsync(world);
                break;
        }
    }

    private string TurnPath => Again is null ? $"{Path}/turns" : $"{Path}/turns/{Again.Id}/regenerate";

    private object Body => Again is null
        ? new { message = question.Text, clientTurnId = ClientTurnId, parentMessageId = ParentId, model = Model }
        : new { model = Model };

    private async Task AnswerAsync(IGatewaySite world, string path, object body, string id)
    {
        using var response = await SendAsync(world, HttpMethod.Post, path, body);
        TakeTurn(response);
        Answer = await TakeAsync(response);
        if (response.IsSuccessStatusCode && Answer.GetProperty(id).GetString() != _turnId)
            throw new InvalidDataException($"The answer is turn {_turnId}'s and names another: {Answer}");
    }

    private async Task StreamAsync(IGatewaySite world)
    {
        using var response = await SendAsync(world, HttpMethod.Post, TurnPath, Body, "text/event-stream");
        TakeTurn(response);
        if (!response.IsSuccessStatusCode)
        {
            await TakeAsync(response);
            return;
        }

        Take(response);
        await foreach (var entry in EventReader.ReadAsync(response, Leaving))
        {
            if (entry.Name is null)
                continue;

            if (entry.Name == HeardEvent.Started && entry.Json.GetProperty("turnId").GetString() != _turnId)
                throw new InvalidDataException($"The answer is turn {_turnId}'s and tells another: {entry.Json}");
            Heard.Add(HeardEvent.Of(entry));
        }
    }

    /// <summary>A turn is named whatever became of it; a refusal has none.</summary>
    private void TakeTurn(HttpResponseMessage response) => _turnId = response.Headers.TryGetValues("X-Turn-Id", out var ids) ? ids.Single() : null;
}
