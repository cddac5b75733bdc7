using OrleansChat.Core.Turns;

namespace OrleansChat.Core.Tests.Turns;

public sealed class TokenEstimateTests
{
    /// <summary>Texts with their tokens under OpenAI's o200k_base, to within a third.</summary>
    [Theory]
    [InlineData("", 0)]
    [InlineData("Hello, world!", 4)]
    [InlineData("The quick brown fox jumps over the lazy dog.", 10)]
    [InlineData("public static void Main(string[] args) { }", 11)]
    public void Count_OfProseAndCode_IsClose(string text, int tokens) =>
        Assert.InRange(TokenEstimate.Count(text), Math.Floor(tokens * 0.66), Math.Ceiling(tokens * 1.5));

    [Theory]
    [InlineData("", 0)]
    [InlineData(" international", 1)]
    [InlineData("\n\n", 1)]
    [InlineData("{\":", 1)]
    [InlineData("日", 1)]
    [InlineData("The quick brown fox", 6)]
    [InlineData("{\"city\":\"Paris\",\"unit\":\"c\"}", 18)]
    public void CountPiece_IsOne_UnlessItCanBeNoSingleToken(string piece, int tokens) => Assert.Equal(tokens, TokenEstimate.CountPiece(piece));

    [Theory]
    [InlineData("")]
    [InlineData("a")]
    [InlineData("   \n\t ")]
    [InlineData("日本語のテキスト")]
    [InlineData("👩‍👩‍👧‍👦 family")]
    [InlineData("!!!???...")]
    [InlineData("\ud83d")]
    public void Count_NeverPassesTheUpperBound(string text) => Assert.InRange(TokenEstimate.Count(text), 0, TokenEstimate.UpperBound(text));
}
