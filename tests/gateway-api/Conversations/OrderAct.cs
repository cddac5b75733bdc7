using System.Text.Json;

namespace OrleansChat.GatewayApi.Tests.Conversations;

/// <summary>Does something at once: looks, changes, stops or deletes.</summary>
internal sealed class OrderAct(string key, NaiveSession session, Order order) : Act(key, session)
{
    public Order Order => order;

    /// <summary>The turn that it is about; null for none.</summary>
    public NaiveTurn? Turn { get; init; }

    /// <summary>The message that it is about; null for none.</summary>
    public string? MessageId { get; init; }

    /// <summary>The answer.</summary>
    public JsonElement Answer { get; private set; }

    /// <summary>What he hears who stops a turn through a socket.</summary>
    public Heard Heard { get; } = new(0);

    public override string ToString() => $"{order} of turn {Turn?.Id}, message {MessageId}: {Shown}, {Answer}";

    protected override async Task DoAsync(IGatewaySite world)
    {
        if (order is Order.CancelByFrame)
        {
            await CancelByFrameAsync(world);
            return;
        }

        var (method, path, body) = order switch
        {
            Order.Cancel => (HttpMethod.Post, $"{Path}/turns/{Turn!.Id}/cancel", null),
            Order.Look => (HttpMethod.Get, $"{Path}/turns/{Turn!.Id}", null),
            Order.Show => (HttpMethod.Get, Path, null),
            Order.Switch => (HttpMethod.Patch, Path, new { activeMessageId = MessageId }),
            _ => (HttpMethod.Delete, Path, (object?)null),
        };
        using var response = await SendAsync(world, method, path, body);
        Answer = await TakeAsync(response);
    }

    /// <summary>A frame that cancels has no answer but the turn's end.</summary>
    private async Task CancelByFrameAsync(IGatewaySite world)
    {
        if (await OpenSocketAsync(world) is not { } client)
            return;

        using (client)
        {
            await client.SendAsync(new { type = "cancel", data = new { turnId = Turn!.Id } });
            await client.SendAsync(new { type = "resume", data = new { turnId = Turn.Id, after = 0 } });
            await HearAsync(client, Heard, _ => { });
        }
    }
}

/// <summary>What is to be done.</summary>
internal enum Order
{
    /// <summary>Stop a turn.</summary>
    Cancel,

    /// <summary>Stop a turn, through a socket.</summary>
    CancelByFrame,

    /// <summary>Show a turn.</summary>
    Look,

    /// <summary>Show the session.</summary>
    Show,

    /// <summary>Go to the branch of a message.</summary>
    Switch,

    /// <summary>Delete the session.</summary>
    Delete,
}
