using OrleansChat.Core.Turns.Streaming;

namespace OrleansChat.Core.Sessions.TurnLogs;

/// <summary>How far a turn's log was read.</summary>
/// <param name="Sequence">The last sequence number that was read; 0 for none.</param>
/// <param name="Mark">Events read that are no deltas.</param>
/// <param name="Delta">Where the next delta is.</param>
internal readonly record struct TurnLogPlace(long Sequence, int Mark, PiecePlace Delta);
