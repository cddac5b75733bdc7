using System.Globalization;
using OrleansChat.Core.Turns.Streaming;
using OrleansChat.Testing;
using Xunit.Abstractions;

namespace OrleansChat.Core.Tests.Turns.Streaming;

public sealed class PackedPiecesTests(ITestOutputHelper output)
{
    private static readonly string[] Alphabets = ["abc xyz", "äöüß€", "日本語", "\0\u007F\u0080\u00FF\u0100", "😀👍", "\uD800\uDC00\uDFFF"];

    [Fact]
    public void Pieces_OfAnyText_ComeBackAsTheyWere()
    {
        var random = Seed.Print(output);
        for (var round = 0; round < 200; round++)
        {
            var (pieces, expected) = (new PackedPieces(), new List<string>());
            var (end, before) = (pieces.End, 0);
            for (var piece = random.Next(60); piece > 0; piece--)
            {
                var alphabet = Alphabets[random.Next(Alphabets.Length)];
                var length = random.Next(20) == 0 ? random.Next(20_000) : random.Next(30);
                expected.Add(string.Concat(Enumerable.Range(0, length).Select(_ => alphabet[random.Next(alphabet.Length)])));
                pieces.Append(expected[^1]);
                if (random.Next(10) == 0)
                    (end, before) = (pieces.End, expected.Count);
            }

            Assert.Equal(string.Concat(expected), pieces.ToString());
            Assert.Equal(string.Concat(expected.Skip(before)), pieces.ToString(end));
            Assert.Equal(expected, Read(pieces, expected.Count, random));
        }
    }

    [Fact]
    public void Pieces_ThatWereSkipped_AreNotRead()
    {
        var pieces = new PackedPieces();
        for (var piece = 0; piece < 3_000; piece++)
            pieces.Append(piece.ToString(CultureInfo.InvariantCulture));
        var place = default(PiecePlace);
        for (var piece = 0; piece < 3_000; piece++)
        {
            if (piece % 7 == 0)
                Assert.Equal(piece.ToString(CultureInfo.InvariantCulture), pieces.Read(ref place));
            else
                pieces.Skip(ref place);
        }
    }

    [Fact]
    public void NoPieces_AreNoText() => Assert.Equal("", new PackedPieces().ToString());

    // A place stays good while pieces are added, so it is kept between reads as readers do.
    private static List<string> Read(PackedPieces pieces, int count, Random random)
    {
        var (read, place) = (new List<string>(), default(PiecePlace));
        for (; count > 0; count--)
        {
            if (random.Next(3) == 0)
                pieces.Append("later");
            read.Add(pieces.Read(ref place));
        }

        return read;
    }
}
