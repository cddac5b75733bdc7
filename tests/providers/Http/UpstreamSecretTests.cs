using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using OrleansChat.Core.Errors;
using OrleansChat.Core.Keys;
using OrleansChat.Providers.Http;
using OrleansChat.Providers.OpenAI;
using OrleansChat.Testing;

namespace OrleansChat.Providers.Tests.Http;

public sealed class UpstreamSecretTests : IDisposable
{
    private const string Key = "sk-test-4f9b1c77e0";

    private readonly string _file = Path.GetTempFileName();

    public void Dispose() => File.Delete(_file);

    [Fact]
    public async Task Key_IsSentAsBearer()
    {
        await using var upstream = await ScriptedUpstream.StartAsync();
        using var connection = TestConnection.To(upstream, key: Key);

        await AskAsync(connection);

        Assert.Equal($"Bearer {Key}", upstream.Requests.Single().Headers["Authorization"]);
    }

    [Fact]
    public async Task Key_Absent_SendsNoHeader()
    {
        await using var upstream = await ScriptedUpstream.StartAsync();
        using var connection = TestConnection.To(upstream);

        await AskAsync(connection);

        Assert.DoesNotContain("Authorization", upstream.Requests.Single().Headers.Keys);
    }

    [Fact]
    public async Task Key_Rotated_IsUsedByTheNextRequest()
    {
        var clock = new FakeClock();
        await using var upstream = await ScriptedUpstream.StartAsync();
        await File.WriteAllTextAsync(_file, "first-key\n");
        using var connection = TestConnection.To(upstream, clock, key: $"file:{_file}");
        await AskAsync(connection);

        await File.WriteAllTextAsync(_file, "second-key\n");
        clock.Advance(TimeSpan.FromSeconds(2));
        await AskAsync(connection);

        Assert.Equal(["Bearer first-key", "Bearer second-key"], upstream.Requests.Select(request => request.Headers["Authorization"]));
    }

    [Theory]
    [InlineData(400)]
    [InlineData(401)]
    [InlineData(429)]
    [InlineData(500)]
    public async Task Key_EchoedByTheUpstream_IsMaskedInFailureAndLog(int status)
    {
        await using var upstream = await ScriptedUpstream.StartAsync();
        using var log = new CapturedLog();
        using var connection = new UpstreamConnection(Endpoint(new Uri(upstream.BaseUrl)), TimeProvider.System, log.CreateLogger<UpstreamConnection>());
        upstream.Enqueue(Reply.Status(status, $"Incorrect API key provided: {Key}."));

        var failure = await Assert.ThrowsAsync<UpstreamException>(() => AskAsync(connection));

        Assert.DoesNotContain(Key, failure.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain(Key, failure.Problem.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain(Key, log.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("with\nnewline-4f9b1c")]
    [InlineData("schlüssel-4f9b1c")]
    public async Task Key_ThatNoHeaderCanCarry_IsTheOperatorsFaultAndNotShown(string key)
    {
        await using var upstream = await ScriptedUpstream.StartAsync();
        using var connection = TestConnection.To(upstream, key: key);

        var failure = await Assert.ThrowsAsync<UpstreamException>(() => AskAsync(connection));

        Assert.Equal(UpstreamFailure.Unauthorized, failure.Failure);
        Assert.DoesNotContain("4f9b1c", failure.ToString(), StringComparison.Ordinal);
        Assert.Empty(upstream.Requests);
    }

    [Fact]
    public async Task Key_RefusedByTheUpstream_IsAnUpstreamErrorAndNotTheCallers()
    {
        await using var upstream = await ScriptedUpstream.StartAsync();
        using var log = new CapturedLog();
        using var connection = new UpstreamConnection(Endpoint(new Uri(upstream.BaseUrl)), TimeProvider.System, log.CreateLogger<UpstreamConnection>());
        upstream.Enqueue(Reply.Status(401));

        var failure = await Assert.ThrowsAsync<UpstreamException>(() => AskAsync(connection));

        Assert.Equal((UpstreamFailure.Unauthorized, ProblemCode.UpstreamError.Name), (failure.Failure, failure.Problem.Code));
        Assert.Contains("refused this server's ApiKey (***) with status 401", log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Endpoint_Printed_ShowsItsIdAlone()
        => Assert.Equal("scripted", Endpoint(new Uri("https://user:password@host/v1")).ToString());

    private static UpstreamEndpoint Endpoint(Uri address)
        => new() { Id = TestConnection.UpstreamId, BaseUrl = address, ApiKey = Secret.From(Key, TimeProvider.System), Retries = TestConnection.NoRetries };

    private static Task<ChatResponse> AskAsync(UpstreamConnection connection)
        => new OpenAIChatClient(connection, "m").GetResponseAsync("Hi", cancellationToken: TestConnection.Patience());
}
