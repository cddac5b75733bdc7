using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using Google.Protobuf;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Qdrant.Client.Grpc;

namespace OrleansChat.VectorQdrant.Tests.Simulation;

/// <summary>A simulated Qdrant behind HTTP/2 and gRPC's wire format, so that what is sent is really written and read.</summary>
internal sealed class SimulatedQdrantServer : IAsyncDisposable
{
    private const int FrameHead = 5;

    private static readonly Dictionary<string, MessageParser> Parsers =
        new[] { PointsServiceReflection.Descriptor, CollectionsServiceReflection.Descriptor, QdrantReflection.Descriptor }
            .SelectMany(file => file.Services)
            .SelectMany(service => service.Methods)
            .ToDictionary(method => $"/{method.Service.FullName}/{method.Name}", method => method.InputType.Parser, StringComparer.Ordinal);

    private readonly SimulatedQdrant _qdrant = new();
    private WebApplication _server = null!;

    private SimulatedQdrantServer()
    {
    }

    /// <summary>Its address, whether it listens or not.</summary>
    public string Url { get; private set; } = "";

    /// <summary>Starts one on a free port.</summary>
    public static async Task<SimulatedQdrantServer> StartAsync()
    {
        var server = new SimulatedQdrantServer();
        await server.ListenAsync(0);
        server.Url = server._server.Urls.Single();
        return server;
    }

    /// <summary>Stops listening and breaks all connections; what is stored stays.</summary>
    public ValueTask StopAsync() => _server.DisposeAsync();

    /// <summary>Listens again at the same address.</summary>
    public Task StartAgainAsync() => ListenAsync(new Uri(Url).Port);

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private Task ListenAsync(int port)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrel(server => server.Listen(IPAddress.Loopback, port, listen => listen.Protocols = HttpProtocols.Http2));
        _server = builder.Build();
        _server.Run(AnswerAsync);
        return _server.StartAsync();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        context.Response.ContentType = "application/grpc";
        try
        {
            var request = Parsers[context.Request.Path.Value!].ParseFrom(body.ToArray().AsSpan(FrameHead));
            var answer = (await _qdrant.AnswerAsync(request)).ToByteArray();
            var frame = new byte[FrameHead + answer.Length];
            BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(1), answer.Length);
            answer.CopyTo(frame, FrameHead);
            await context.Response.Body.WriteAsync(frame);
            context.Response.AppendTrailer("grpc-status", "0");
        }
        catch (RpcException failure)
        {
            context.Response.Headers["grpc-status"] = ((int)failure.StatusCode).ToString(CultureInfo.InvariantCulture);
            context.Response.Headers["grpc-message"] = Uri.EscapeDataString(failure.Status.Detail);
        }
    }
}
