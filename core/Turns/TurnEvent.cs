using System.Text.Json.Serialization;
using OrleansChat.Core.Errors;
using OrleansChat.Core.Upstreams;

namespace OrleansChat.Core.Turns;

/// <summary>One entry of a turn's log. Its type names are the events of the SSE surface.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "event")]
[JsonDerivedType(typeof(TurnStarted), "turn.started")]
[JsonDerivedType(typeof(TurnDelta), "turn.delta")]
[JsonDerivedType(typeof(TurnCitation), "turn.citation")]
[JsonDerivedType(typeof(TurnRestarted), "turn.restarted")]
[JsonDerivedType(typeof(TurnCompleted), "turn.completed")]
[JsonDerivedType(typeof(TurnCancelled), "turn.cancelled")]
[JsonDerivedType(typeof(TurnFailed), "turn.failed")]
[JsonDerivedType(typeof(TurnInterrupted), "turn.interrupted")]
public abstract record TurnEvent
{
    /// <summary>Its place in the turn's log: 1, 2, 3, … without gaps.</summary>
    public long Sequence { get; init; }

    /// <summary>Whether it is the turn's last.</summary>
    [JsonIgnore]
    public virtual bool IsLast => false;
}

/// <summary>The turn was admitted; says what was understood and will be done.</summary>
public sealed record TurnStarted(string TurnId, string Intent, string Announcement, string Model) : TurnEvent;

/// <summary>More of the answer.</summary>
public sealed record TurnDelta(string Text) : TurnEvent;

/// <summary>A source that the answer may quote as <c>[n]</c>.</summary>
public sealed record TurnCitation(Citation Citation) : TurnEvent;

/// <summary>The answer begins again; text that comes after replaces what came before.</summary>
public sealed record TurnRestarted(int Attempt) : TurnEvent;

/// <summary>The answer is whole, appended and settled.</summary>
public sealed record TurnCompleted(string MessageId, string FinishReason, TokenUsage Usage, decimal CostUsd, string Model, string Upstream) : TurnEvent
{
    /// <summary>The fallbacks that it owes its answer to; null for none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? Fallbacks { get; init; }

    /// <inheritdoc/>
    public override bool IsLast => true;
}

/// <summary>The turn was stopped at the caller's wish; what was produced is appended and settled.</summary>
public sealed record TurnCancelled(string? MessageId, TokenUsage Usage, decimal CostUsd) : TurnEvent
{
    /// <inheritdoc/>
    public override bool IsLast => true;
}

/// <summary>The turn ended by a problem.</summary>
public sealed record TurnFailed(Problem Problem) : TurnEvent
{
    /// <inheritdoc/>
    public override bool IsLast => true;
}

/// <summary>The turn's host died once too often.</summary>
public sealed record TurnInterrupted : TurnEvent
{
    /// <inheritdoc/>
    public override bool IsLast => true;
}
