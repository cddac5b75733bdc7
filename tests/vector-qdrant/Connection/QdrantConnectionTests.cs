using System.Buffers.Binary;
using Google.Protobuf;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using OrleansChat.Core.Errors;
using OrleansChat.Core.Health;
using OrleansChat.Core.Settings;
using OrleansChat.Testing;
using OrleansChat.VectorQdrant.Connection;
using OrleansChat.VectorQdrant.Health;
using Qdrant.Client.Grpc;

namespace OrleansChat.VectorQdrant.Tests.Connection;

/// <summary>The connection over HTTP/2, to a server that answers health checks by gRPC's wire format.</summary>
public sealed class QdrantConnectionTests : IAsyncLifetime
{
    private const string Unavailable = "14";

    private readonly Queue<string> _statuses = [];
    private readonly List<string?> _keys = [];
    private WebApplication _server = null!;

    public async Task InitializeAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrel(server => server.Listen(System.Net.IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2));
        _server = builder.Build();
        _server.Run(AnswerAsync);
        await _server.StartAsync();
    }

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [Fact]
    public async Task CallAsync_RepeatsWhatFoundTheServerUnavailable()
    {
        _statuses.Enqueue(Unavailable);
        _statuses.Enqueue(Unavailable);
        Assert.Equal(HealthFinding.Healthy, await CheckAsync(new QdrantOptions()));
        Assert.Equal(3, _keys.Count);
    }

    [Fact]
    public async Task CallAsync_GivesUpAfterThreeAttempts()
    {
        for (var i = 0; i < 5; i++)
            _statuses.Enqueue(Unavailable);
        await Assert.ThrowsAsync<StorageException>(() => CheckAsync(new QdrantOptions()));
        Assert.Equal(3, _keys.Count);
    }

    [Fact]
    public async Task CallAsync_SendsTheKeyAsItsFileHasItNow()
    {
        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, "one");
            var clock = new FakeClock();
            using var connection = Connection(new QdrantOptions { ApiKey = $"file:{file}" }, clock);
            await new QdrantHealth(connection).CheckAsync(default);
            await File.WriteAllTextAsync(file, "two");
            clock.Advance(TimeSpan.FromSeconds(2));
            await new QdrantHealth(connection).CheckAsync(default);
            Assert.Equal(["one", "two"], _keys);
        }
        finally
        {
            File.Delete(file);
        }
    }

    private async Task<HealthFinding> CheckAsync(QdrantOptions options)
    {
        using var connection = Connection(options, TimeProvider.System);
        return await new QdrantHealth(connection).CheckAsync(default);
    }

    private QdrantConnection Connection(QdrantOptions options, TimeProvider time) => new(options with { Url = _server.Urls.Single() }, time);

    private async Task AnswerAsync(HttpContext context)
    {
        Assert.Equal("/qdrant.Qdrant/HealthCheck", context.Request.Path);
        _keys.Add(context.Request.Headers["api-key"]);
        await context.Request.Body.CopyToAsync(Stream.Null);
        context.Response.ContentType = "application/grpc";
        if (_statuses.TryDequeue(out var status))
        {
            context.Response.Headers["grpc-status"] = status;
            return;
        }

        var message = new HealthCheckReply { Title = "q" }.ToByteArray();
        var frame = new byte[5 + message.Length];
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(1), message.Length);
        message.CopyTo(frame, 5);
        await context.Response.Body.WriteAsync(frame);
        context.Response.AppendTrailer("grpc-status", "0");
    }
}
