using System.Text;
using System.Text.Json;

namespace OrleansChat.Bench.Soak;

/// <summary>What one client has of a turn, over however many connections. It insists on every number coming once and in order.</summary>
internal sealed class SoakTranscript
{
    private readonly StringBuilder _text = new();

    /// <summary>The turn; null before its first event.</summary>
    public string? TurnId { get; set; }

    /// <summary>The last number that came.</summary>
    public long Last { get; private set; }

    /// <summary>Whether the last event came.</summary>
    public bool IsComplete { get; private set; }

    /// <summary>The text so far.</summary>
    public string Text => _text.ToString();

    /// <summary>Takes an event of either transport.</summary>
    /// <param name="sequence">Its number.</param>
    /// <param name="name">Its name as in server-sent events.</param>
    /// <param name="text">What it adds; null for nothing.</param>
    /// <exception cref="InvalidDataException">It is not the next one, or the turn did not end well.</exception>
    public void Take(long sequence, string name, string? text)
    {
        if (sequence != Last + 1)
            throw new InvalidDataException($"turn {TurnId}: number {sequence} came after {Last}");

        Last = sequence;
        switch (name)
        {
            case "turn.restarted":
                _text.Clear();
                break;
            case "turn.delta":
                _text.Append(text);
                break;
            case "turn.completed":
                IsComplete = true;
                break;
            case "turn.failed" or "turn.interrupted" or "turn.cancelled":
                throw new InvalidDataException($"turn {TurnId}: {name}");
        }
    }

    /// <summary>Takes a frame of a socket; those without a number are not part of the turn.</summary>
    public void Take(JsonElement frame)
    {
        TurnId ??= frame.TryGetProperty("turnId", out var turn) ? turn.GetString() : null;
        if (frame.GetProperty("type").GetString() == "error")
            throw new InvalidDataException(frame.ToString());

        if (!frame.TryGetProperty("seq", out var sequence))
            return;

        if (frame.TryGetProperty("status", out var status))
            Take(sequence.GetInt64(), $"turn.{status.GetString()}", null);
        else if (frame.GetProperty("data").GetProperty("type").GetString() == "token")
            Take(sequence.GetInt64(), "turn.delta", frame.GetProperty("data").GetProperty("content").GetString());
        else
            Take(sequence.GetInt64(), "turn.started", null);
    }
}
