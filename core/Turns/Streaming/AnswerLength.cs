using Microsoft.Extensions.AI;

namespace OrleansChat.Core.Turns.Streaming;

/// <summary>How much of an answer came, which is never longer than it may be. The text itself is kept by the turn's events.</summary>
/// <param name="max">Characters at most.</param>
internal sealed class AnswerLength(int max)
{
    private int _length;

    /// <summary>Why a model is said to have stopped whose answer was cut: as where it met its own limit.</summary>
    public static readonly string CutReason = ChatFinishReason.Length.Value;

    /// <summary>Whether there was more than there may be.</summary>
    public bool IsCut { get; private set; }

    /// <summary>Takes a piece, as much of it as there is room for. No character is split.</summary>
    /// <param name="piece">The piece.</param>
    /// <returns>What was taken.</returns>
    public string Take(string piece)
    {
        var room = max - _length;
        if (piece.Length > room)
        {
            IsCut = true;
            piece = piece[..(room > 0 && char.IsHighSurrogate(piece[room - 1]) ? room - 1 : room)];
        }

        _length += piece.Length;
        return piece;
    }
}
