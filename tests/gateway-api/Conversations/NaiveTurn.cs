using System.Text.Json;
using OrleansChat.GatewayApi.Tests.Calls;

namespace OrleansChat.GatewayApi.Tests.Conversations;

/// <summary>A turn as clients and upstreams know it.</summary>
/// <param name="session">Its session.</param>
/// <param name="question">What it asks.</param>
/// <param name="id">Its id.</param>
internal sealed class NaiveTurn(NaiveSession session, Question question, string id)
{
    public NaiveSession Session => session;

    public Question Question => question;

    public string Id => id;

    public string? ClientTurnId { get; init; }

    /// <summary>The model that it asks.</summary>
    public string Model { get; set; } = "";

    /// <summary>When it ended, in ticks, at least and at most.</summary>
    public (long Least, long Most) Ended { get; set; }

    /// <summary>The upstreams' calls for it.</summary>
    public IReadOnlyList<PlayedCall> Calls { get; set; } = [];

    /// <summary>All its events.</summary>
    public IReadOnlyList<HeardEvent> Events { get; set; } = [];

    /// <summary>The turn itself, once it has ended.</summary>
    public JsonElement View { get; set; }

    /// <summary>The message that it answers.</summary>
    public string? QuestionId { get; set; }

    public string Status => Events is [.., var last] ? last.Status : "failed";

    /// <summary>The answer as far as it came: what was said after the last restart.</summary>
    public string Text => string.Concat(Events.Skip(LastRestart + 1).Where(entry => entry.Name == HeardEvent.Delta).Select(entry => entry.Told));

    /// <summary>Whether it left a message.</summary>
    public bool HasAnswer => Status == "completed" || (Status == "cancelled" && Text.Length > 0);

    private int LastRestart => Events.ToList().FindLastIndex(entry => entry.Name == HeardEvent.Restarted);

    public override string ToString() => $"turn {id} of question {question.Number} in session {session.Number}, {Model}:\n  {string.Join("\n  ", Events)}";
}
