using Microsoft.Extensions.AI;

namespace OrleansChat.Core.Turns.Streaming;

/// <summary>An answer's text as far as it came, and never longer than it may be.</summary>
/// <param name="max">Characters at most.</param>
internal sealed class AnswerText(int max)
{
    private readonly PackedPieces _text = new();

    /// <summary>Why a model is said to have stopped whose answer was cut: as where it met its own limit.</summary>
    public static readonly string CutReason = ChatFinishReason.Length.Value;

    /// <summary>Whether there was more than there may be.</summary>
    public bool IsCut { get; private set; }

    /// <summary>Adds a piece, as much of it as there is room for. No character is split.</summary>
    /// <param name="piece">The piece.</param>
    /// <returns>What was added.</returns>
    public string Add(string piece)
    {
        var room = max - _text.Length;
        if (piece.Length > room)
        {
            IsCut = true;
            piece = piece[..(room > 0 && char.IsHighSurrogate(piece[room - 1]) ? room - 1 : room)];
        }

        _text.Append(piece);
        return piece;
    }

    /// <inheritdoc/>
    public override string ToString() => _text.ToString();
}
