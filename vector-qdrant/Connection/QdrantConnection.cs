using Grpc.Core;
using Grpc.Core.Interceptors;
using Grpc.Net.Client;
using Grpc.Net.Client.Configuration;
using OrleansChat.Core.Keys;
using OrleansChat.Core.Settings;
using Qdrant.Client.Grpc;

namespace OrleansChat.VectorQdrant.Connection;

/// <summary>
/// One connection to a Qdrant server, made at the first call. Every call has a deadline, and every failure is translated.
/// </summary>
internal sealed class QdrantConnection : IDisposable
{
    private const int Attempts = 3;

    private readonly QdrantOptions _options;
    private readonly TimeProvider _time;
    private readonly GrpcChannel? _channel;
    private readonly QdrantGrpcClient _client;

    /// <summary>A connection over the network.</summary>
    public QdrantConnection(QdrantOptions options, TimeProvider time)
    {
        (_options, _time) = (options, time);
        _channel = GrpcChannel.ForAddress(options.Url, ChannelOptions());
        var key = options.ApiKey is { Length: > 0 } setting ? Secret.From(setting, time) : null;
        _client = new QdrantGrpcClient(_channel.Intercept(metadata =>
        {
            // Read at each call, so that a key that is changed in its file holds from then on.
            if (key?.Read() is { } value)
                metadata.Add("api-key", value);
            return metadata;
        }));
    }

    /// <summary>A connection over something else.</summary>
    public QdrantConnection(QdrantOptions options, TimeProvider time, CallInvoker invoker) =>
        (_options, _time, _client) = (options, time, new QdrantGrpcClient(invoker));

    /// <summary>Makes a call.</summary>
    /// <param name="call">The call.</param>
    /// <param name="cancellationToken">Gives it up.</param>
    /// <typeparam name="T">The answer.</typeparam>
    /// <returns>The answer.</returns>
    /// <exception cref="Core.Errors.StorageException">It failed.</exception>
    /// <exception cref="QdrantNotFoundException">There is no such collection.</exception>
    public async Task<T> CallAsync<T>(Func<QdrantGrpcClient, CallOptions, AsyncUnaryCall<T>> call, CancellationToken cancellationToken)
    {
        try
        {
            var deadline = _time.GetUtcNow().UtcDateTime + _options.Timeout;
            using var running = call(_client, new CallOptions(deadline: deadline, cancellationToken: cancellationToken));
            return await running.ResponseAsync;
        }
        catch (RpcException failure) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException(failure.Status.Detail, failure, cancellationToken);
        }
        catch (RpcException failure)
        {
            throw QdrantFaults.Translate(failure);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _client.Dispose();
        _channel?.Dispose();
    }

    // All that is sent can be repeated: points have ids of their own, and heads are written on a condition.
    private static GrpcChannelOptions ChannelOptions() => new()
    {
        MaxReceiveMessageSize = null,
        HttpHandler = new SocketsHttpHandler
        {
            EnableMultipleHttp2Connections = true,
            ConnectTimeout = TimeSpan.FromSeconds(5),
            PooledConnectionIdleTimeout = Timeout.InfiniteTimeSpan,
            KeepAlivePingDelay = TimeSpan.FromSeconds(30),
            KeepAlivePingTimeout = TimeSpan.FromSeconds(5),
        },
        DisposeHttpClient = true,
        ServiceConfig = new ServiceConfig
        {
            MethodConfigs =
            {
                new MethodConfig
                {
                    Names = { MethodName.Default },
                    RetryPolicy = new RetryPolicy
                    {
                        MaxAttempts = Attempts,
                        InitialBackoff = TimeSpan.FromMilliseconds(100),
                        MaxBackoff = TimeSpan.FromSeconds(1),
                        BackoffMultiplier = 2,
                        RetryableStatusCodes = { StatusCode.Unavailable },
                    },
                },
            },
        },
    };
}
