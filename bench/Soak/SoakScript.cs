using System.Collections.Concurrent;
using System.Text.Json;
using OrleansChat.Testing;

namespace OrleansChat.Bench.Soak;

/// <summary>What the upstream says to each message.</summary>
internal sealed class SoakScript
{
    private readonly ConcurrentDictionary<string, Reply> _answers = new(StringComparer.Ordinal);

    /// <summary>Prepares an answer.</summary>
    /// <param name="message">The message that it answers.</param>
    /// <param name="pieces">Its tokens.</param>
    /// <param name="gate">Lets them out.</param>
    /// <param name="bytesPerWrite">Bytes of a write, so that characters are torn apart; 0 for whole events.</param>
    public void Add(string message, string[] pieces, StreamGate gate, int bytesPerWrite) =>
        _answers[message] = Reply.Pieces(pieces).GatedBy(gate) with { BytesPerWrite = bytesPerWrite };

    /// <summary>The answer to the last message of a request.</summary>
    public Reply Answer(JsonElement request) =>
        _answers.TryRemove(request.GetProperty("messages").EnumerateArray().Last().GetProperty("content").GetString()!, out var answer)
            ? answer
            : throw new InvalidOperationException("Nobody said that.");
}
