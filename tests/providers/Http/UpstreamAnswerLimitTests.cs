using OrleansChat.Core.Errors;
using OrleansChat.Providers.Http;
using OrleansChat.Testing;

namespace OrleansChat.Providers.Tests.Http;

public sealed class UpstreamAnswerLimitTests
{
    [Theory]
    [InlineData(1000, false)]
    [InlineData(1001, true)]
    public async Task Answer_BeyondItsLimit_IsAProtocolError(int length, bool fails)
    {
        await using var upstream = await ScriptedUpstream.StartAsync();
        using var connection = TestConnection.To(upstream);
        upstream.Enqueue(Reply.Raw(200, "application/json", new string(' ', length)));
        var request = new UpstreamRequest("/chat/completions", "{}"u8.ToArray(), IsStream: false) { MaxAnswerBytes = 1000 };
        await using var answer = await connection.SendAsync(request, TestConnection.Patience());

        var failure = await Record.ExceptionAsync(() => answer.Body.CopyToAsync(Stream.Null, TestConnection.Patience()));

        Assert.Equal(fails ? UpstreamFailure.Protocol : null, (failure as UpstreamException)?.Failure);
        Assert.Equal(fails, failure is not null);
    }
}
