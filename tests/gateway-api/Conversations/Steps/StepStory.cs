using System.Globalization;

namespace OrleansChat.GatewayApi.Tests.Conversations.Steps;

/// <summary>What was done in a run, for whoever reads of its failure, and how often each kind of thing was seen.</summary>
/// <param name="clock">The clock.</param>
/// <param name="note">Counts a kind of thing.</param>
internal sealed class StepStory(TimeProvider clock, Action<string> note)
{
    private const int Longest = 60;

    private readonly Queue<string> _lines = new();

    public override string ToString() => string.Join('\n', _lines);

    /// <summary>Tells of something that is done.</summary>
    public void Tell(string what)
    {
        _lines.Enqueue(string.Create(CultureInfo.InvariantCulture, $"{clock.GetUtcNow():HH:mm:ss.fff} {what}"));
        if (_lines.Count > Longest)
            _lines.Dequeue();
    }

    /// <summary>Counts a kind of thing that was seen.</summary>
    public void Note(string kind) => note(kind);
}
