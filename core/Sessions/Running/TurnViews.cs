using OrleansChat.Core.Costs;
using OrleansChat.Core.Turns;

namespace OrleansChat.Core.Sessions.Running;

/// <summary>Turns as clients see them.</summary>
internal static class TurnViews
{
    /// <summary>A turn under way.</summary>
    public static TurnView Of(string sessionId, OpenTurn open, long lastSequence) => new()
    {
        TurnId = open.TurnId,
        SessionId = sessionId,
        Status = TurnStatus.Processing,
        Model = open.Started.Model,
        LastSequence = lastSequence,
    };

    /// <summary>A turn that has ended.</summary>
    public static TurnView Of(string sessionId, TurnRecord record, SessionMessage? answer) => new()
    {
        TurnId = record.TurnId,
        SessionId = sessionId,
        Status = record.Status,
        Message = answer,
        Usage = record.Usage,
        CostUsd = record.CostNanoUsd is { } cost ? NanoUsd.ToUsd(cost) : null,
        Model = record.Model,
        Upstream = record.Upstream,
        LastSequence = record.LastSequence,
        Fallbacks = record.Fallbacks,
        Problem = record.Problem,
    };
}
