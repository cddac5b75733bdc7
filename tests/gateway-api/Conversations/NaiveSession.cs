using System.Text.Json;

namespace OrleansChat.GatewayApi.Tests.Conversations;

/// <summary>A session as it must be: a plain list of messages with their parents, and the turns that made them.</summary>
internal sealed class NaiveSession(int number, string id)
{
    /// <summary>Its place among all sessions of a run: one that is made anew under an old id is another one.</summary>
    public int Number => number;

    public string Id => id;

    /// <summary>Whose it is; null until somebody's.</summary>
    public string? Owner { get; set; }

    public string? Title { get; set; }

    public string? Model { get; set; }

    public string? SystemPrompt { get; set; }

    public decimal? BudgetUsd { get; set; }

    public int? TtlMinutes { get; set; }

    public bool IsShared { get; set; }

    public bool IsGone { get; set; }

    /// <summary>When it was last used, in ticks, at least and at most.</summary>
    public (long Least, long Most) Used { get; set; }

    /// <summary>When it was last used or changed, in ticks, at least and at most.</summary>
    public (long Least, long Most) Touched { get; set; }

    /// <summary>What its turns have cost, in US dollars.</summary>
    public decimal Spent { get; set; }

    /// <summary>All messages, in the order in which they came.</summary>
    public List<NaiveMessage> Messages { get; private init; } = [];

    /// <summary>The end of the active path.</summary>
    public string? Leaf { get; set; }

    /// <summary>The turns that have ended, in the order in which they did.</summary>
    public List<NaiveTurn> Turns { get; } = [];

    public override string ToString() =>
        $"session {number} {id} of {Owner}{(IsShared ? ", shared" : "")}{(IsGone ? ", gone" : "")}, {Model}, {BudgetUsd} USD, {TtlMinutes} min, {Messages.Count} messages up to {Leaf}";

    /// <summary>Whether a key may see it and chat in it.</summary>
    public bool IsSeenBy(string key) =>
        key == Owner || key == ConversationSettings.Boss || (IsShared && ConversationSettings.TeamOf(key) is { } team && team == ConversationSettings.TeamOf(Owner!));

    /// <summary>Whether a key may change and delete it.</summary>
    public bool IsOwnedBy(string key) => key == Owner || key == ConversationSettings.Boss;

    /// <summary>The path that ends in a message.</summary>
    public List<NaiveMessage> PathTo(string? leaf)
    {
        var path = new List<NaiveMessage>();
        for (; leaf is not null; leaf = path[^1].ParentId)
            path.Add(Messages.Single(message => message.Id == leaf));
        path.Reverse();
        return path;
    }

    /// <summary>The newest message of a branch.</summary>
    public string NewestOf(string message) => Messages.Last(other => PathTo(other.Id).Exists(above => above.Id == message)).Id;

    /// <summary>Whether its time is over, for somebody who asks from a moment to another; null where that cannot be told.</summary>
    public bool? IsExpired(long from, long to)
    {
        if (TtlMinutes is not { } minutes)
            return false;

        var life = TimeSpan.FromMinutes(minutes).Ticks;
        return to < Touched.Least + life ? false : from >= Touched.Most + life ? true : null;
    }

    /// <summary>The messages of an answer.</summary>
    public static List<NaiveMessage> MessagesIn(JsonElement session) => [.. session.GetProperty("messages").EnumerateArray().Select(NaiveMessage.Of)];
}

/// <summary>A message.</summary>
internal sealed record NaiveMessage(string Id, string? ParentId, string Role, string Content)
{
    public const string User = "user";
    public const string Assistant = "assistant";

    public static NaiveMessage Of(JsonElement message) => new(
        message.GetProperty("id").GetString()!,
        message.GetProperty("parentId").GetString(),
        message.GetProperty("role").GetString()!,
        message.GetProperty("content").GetString()!);

    public override string ToString() => $"{Role} {Id} below {ParentId}: {(Content.Length < 60 ? Content : Content[..60])}";
}
