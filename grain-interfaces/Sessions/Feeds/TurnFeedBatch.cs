using OrleansChat.Core.Turns;

namespace OrleansChat.GrainInterfaces.Sessions.Feeds;

/// <summary>What one silo sends one client of the cluster at a time.</summary>
/// <param name="Origin">The silo.</param>
/// <param name="Parts">What is new, a part for each line that has something new.</param>
public sealed record TurnFeedBatch(string Origin, IReadOnlyList<TurnFeedPart> Parts);

/// <summary>What is new in one line: the events of one turn for one of its readers.</summary>
/// <param name="Line">The number that the client gave the line.</param>
/// <param name="Events">The events, in their order.</param>
/// <param name="IsEnd">Whether nothing more will come of this line. Where the last event is not the turn's last, it goes on elsewhere.</param>
public sealed record TurnFeedPart(long Line, IReadOnlyList<TurnEvent> Events, bool IsEnd);
