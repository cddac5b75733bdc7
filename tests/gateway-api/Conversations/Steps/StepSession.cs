namespace OrleansChat.GatewayApi.Tests.Conversations.Steps;

/// <summary>A session as it must be: one line of messages, and a turn that runs or none.</summary>
internal sealed class StepSession(NaiveSession session, string key, string model)
{
    public NaiveSession Session => session;

    public string Key => key;

    public string Model => model;

    public List<(string Role, string Content)> Messages { get; } = [];

    /// <summary>The turn under way; null for none.</summary>
    public StepTurn? Running { get; set; }

    /// <summary>What is heard of it.</summary>
    public StepReaders? Readers { get; set; }

    public List<StepTurn> Ended { get; } = [];

    public string Path => $"/api/sessions/{session.Id}";

    public override string ToString() => $"session {session.Number} {session.Id} of {key}, {model}, {Messages.Count} messages: {Running}";
}
