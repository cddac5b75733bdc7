namespace OrleansChat.Core.Actors;

/// <summary>
/// Marks a method of an actor interface that may run while another call of the same actor awaits. Only for methods that mutate synchronously
/// and then await a shared flush, or that read and wait. Enumerations always interleave and need no mark.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class InterleavesAttribute : Attribute;
