using OrleansChat.Core.Turns;

namespace OrleansChat.GrainInterfaces.Sessions;

/// <summary>Events of a turn that came within a few milliseconds of each other.</summary>
/// <param name="Events">The events, in their order; at least one.</param>
public sealed record TurnEventBatch(IReadOnlyList<TurnEvent> Events);
