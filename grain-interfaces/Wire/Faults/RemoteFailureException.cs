namespace OrleansChat.GrainInterfaces.Wire.Faults;

/// <summary>A failure in another process, as the log there would show it.</summary>
/// <param name="text">The failure with its stack.</param>
public sealed class RemoteFailureException(string text) : Exception(text);
