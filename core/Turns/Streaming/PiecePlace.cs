namespace OrleansChat.Core.Turns.Streaming;

/// <summary>Where in <see cref="PackedPieces"/> a piece begins; the default is the first one's place.</summary>
/// <param name="Segment">The segment's number.</param>
/// <param name="Offset">The offset in it.</param>
internal readonly record struct PiecePlace(int Segment, int Offset);

/// <summary>The end of <see cref="PackedPieces"/> as it once was; the default is their beginning.</summary>
/// <param name="Place">Where the next piece began.</param>
/// <param name="Length">Characters of all pieces before it.</param>
internal readonly record struct PiecesEnd(PiecePlace Place, int Length);
