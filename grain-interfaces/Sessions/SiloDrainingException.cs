namespace OrleansChat.GrainInterfaces.Sessions;

/// <summary>The session's silo is draining and begins no new turn. Nothing has happened; the session is on its way to another silo, so the call is made again.</summary>
[GenerateSerializer, Alias("orleanschat.silo-draining")]
public sealed class SiloDrainingException() : OrleansException("The silo is draining; the session moves to another one.");
