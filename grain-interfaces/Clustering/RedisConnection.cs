using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OrleansChat.Core.Keys;
using OrleansChat.Core.Settings;
using StackExchange.Redis;

namespace OrleansChat.GrainInterfaces.Clustering;

/// <summary>The process's one connection to Redis. A start waits for Redis and says so; a connection that is lost later comes back by itself.</summary>
public sealed partial class RedisConnection : IAsyncDisposable
{
    /// <summary>How long a command may take: shorter than a call, so that its caller hears of the store and not of a silence.</summary>
    private const int CommandMilliseconds = 2_000;

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly TimeProvider _time;
    private readonly ILogger<RedisConnection> _logger;
    private readonly CancellationTokenSource _stopping;
    private Task<IConnectionMultiplexer>? _connecting;

    /// <summary>Prepares the connection.</summary>
    /// <param name="options">The settings, checked.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">The log.</param>
    /// <param name="lifetime">The process, whose stop ends the wait; null for none.</param>
    public RedisConnection(OrleansChatOptions options, TimeProvider time, ILogger<RedisConnection> logger, IHostApplicationLifetime? lifetime = null)
    {
        _stopping = CancellationTokenSource.CreateLinkedTokenSource(lifetime?.ApplicationStopping ?? CancellationToken.None);
        _time = time;
        _logger = logger;
        Configuration = Parse(options.Cluster.Redis, time);
    }

    /// <summary>How the connection is made.</summary>
    public ConfigurationOptions Configuration { get; }

    /// <summary>The addresses, free of secrets.</summary>
    public string Address => string.Join(',', Configuration.EndPoints.Select(EndPointCollection.ToString));

    /// <summary>The connection, once it is there.</summary>
    public IConnectionMultiplexer? Current => _connecting is { IsCompletedSuccessfully: true } ? Connected : null;

    private IConnectionMultiplexer? Connected { get; set; }

    /// <summary>The connection; waits until Redis answers for the first time.</summary>
    /// <returns>The connection, which nobody else disposes.</returns>
    public Task<IConnectionMultiplexer> ConnectAsync()
    {
        lock (_gate)
            return _connecting ??= Task.Run(ConnectAsync, _stopping.Token);

        async Task<IConnectionMultiplexer> ConnectAsync()
        {
            while (true)
            {
                try
                {
                    return Connected = await ConnectionMultiplexer.ConnectAsync(Configuration);
                }
                catch (RedisConnectionException fault)
                {
                    LogWaiting(Address, fault.FailureType);
                    await Task.Delay(Pause, _time, _stopping.Token);
                }
            }
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        if (Connected is { } connected)
            await connected.DisposeAsync();

        _stopping.Dispose();
    }

    private static ConfigurationOptions Parse(string setting, TimeProvider time)
    {
        var options = ConfigurationOptions.Parse(Secret.From(setting, time).Read() ?? setting);
        options.AbortOnConnectFail = true;
        options.AsyncTimeout = CommandMilliseconds;

        // It also bounds the wait of commands for a connection, synchronous or not.
        options.SyncTimeout = CommandMilliseconds;
        options.ClientName ??= "orleanschat";
        return options;
    }

    [LoggerMessage(610, LogLevel.Warning, "Redis at {Address} does not answer ({Failure}); waiting for it")]
    private partial void LogWaiting(string address, ConnectionFailureType failure);
}
