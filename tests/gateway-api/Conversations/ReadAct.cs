using OrleansChat.GatewayApi.Tests.Hosting;

namespace OrleansChat.GatewayApi.Tests.Conversations;

/// <summary>Reads a turn, or goes on reading it.</summary>
/// <param name="key">Who.</param>
/// <param name="turn">Which turn.</param>
/// <param name="way">How.</param>
/// <param name="after">The last number that he claims to have.</param>
internal sealed class ReadAct(string key, NaiveTurn turn, Way way, long after) : Act(key, turn.Session)
{
    public NaiveTurn Turn => turn;

    public Way Way => way;

    public Heard Heard { get; } = new(after);

    public override string ToString() => $"reads turn {turn.Id} of {turn.Question.Number}, {way}: {Shown}, {Heard}";

    protected override async Task DoAsync(IGatewaySite world)
    {
        if (way is Way.Socket)
        {
            if (await OpenSocketAsync(world) is { } client)
            {
                using (client)
                {
                    await client.SendAsync(new { type = "resume", data = new { turnId = turn.Id, after } });
                    await HearAsync(client, Heard, _ => { });
                }
            }

            return;
        }

        var (query, lastEventId) = way is Way.EventSource ? ("", (long?)after) : ($"?after={after}", null);
        using var response = await SendAsync(world, HttpMethod.Get, $"{Path}/turns/{turn.Id}/events{query}", null, "text/event-stream", lastEventId);
        if (!response.IsSuccessStatusCode || (int)response.StatusCode == 204)
        {
            await TakeAsync(response);
            return;
        }

        Take(response);
        await foreach (var entry in EventReader.ReadAsync(response, Leaving))
        {
            if (entry.Name is not null)
                Heard.Add(HeardEvent.Of(entry));
        }
    }
}
