namespace OrleansChat.VectorQdrant.Fields;

/// <summary>
/// Text as numbers that compare as the text does by code unit, because Qdrant compares only numbers: each piece stands for three UTF-16
/// code units, a unit counts one more than its value so that the end of a text comes before everything, and 65,537 to the third power is
/// below 2 to the 53rd, so a double holds a piece exactly. The last piece always holds the end.
/// </summary>
internal static class TextPieces
{
    /// <summary>How many code units a piece stands for.</summary>
    public const int Units = 3;

    private const long Base = char.MaxValue + 2;

    /// <summary>A text's pieces, at least one.</summary>
    public static double[] Of(ReadOnlySpan<char> text)
    {
        var pieces = new double[text.Length / Units + 1];
        for (var i = 0; i < pieces.Length; i++)
            pieces[i] = Piece(text[(i * Units)..], rest: 0);
        return pieces;
    }

    /// <summary>The lowest and highest value of the piece that begins with a text of less than <see cref="Units"/> code units.</summary>
    public static (double Lowest, double Highest) Partial(ReadOnlySpan<char> start) =>
        (Piece(start, rest: 0), Piece(start, rest: Base - 1));

    private static double Piece(ReadOnlySpan<char> text, long rest)
    {
        var piece = 0L;
        for (var i = 0; i < Units; i++)
            piece = piece * Base + (i < text.Length ? text[i] + 1 : rest);
        return piece;
    }
}
