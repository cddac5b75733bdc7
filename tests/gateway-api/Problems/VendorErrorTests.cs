using OrleansChat.Core.Errors;
using OrleansChat.GatewayApi.Problems;

namespace OrleansChat.GatewayApi.Tests.Problems;

public sealed class VendorErrorTests
{
    [Theory]
    [InlineData("Too long.", "Too long. Send less.")]
    [InlineData("Why?", "Why? Send less.")]
    [InlineData("Upstream 'x' refused the request: too long", "Upstream 'x' refused the request: too long. Send less.")]
    public void Message_OfDetailAndSuggestion_IsTwoSentences(string detail, string message) =>
        Assert.Equal(message, VendorError.Message(Problem.Of(ProblemCode.InvalidRequest, detail, "Send less.")));
}
