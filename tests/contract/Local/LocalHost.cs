using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using OrleansChat.Contract.Tests.Hosting;
using OrleansChat.Core.Actors;
using OrleansChat.Core.Costs.Alerts;
using OrleansChat.Core.Search.Stores;
using OrleansChat.Core.Settings;
using OrleansChat.Standalone.Actors;
using OrleansChat.Testing;
using OrleansChat.Testing.Search;

namespace OrleansChat.Contract.Tests.Local;

/// <summary>The actors of one process over a store in memory that outlives a crash.</summary>
public sealed class LocalHost : IActorHost, IActorHostFactory
{
    private readonly DurableMemory _memory = new();
    private readonly InMemoryVectorStore _vectors = new(new MemoryPassageLog());
    private ServiceProvider _services;
    private DurableMemory.Connection _connection;
    private LocalActorDirectory _directory;

    private LocalHost() => (_services, _connection, _directory) = Begin();

    public IActorDirectory Actors => _directory;

    public FakeClock Clock { get; } = new();

    public RecordedAlerts Alerts { get; } = new();

    public TestOptions<OrleansChatOptions> Settings { get; } = new(new OrleansChatOptions());

    public static Task<IActorHost> StartAsync() => Task.FromResult<IActorHost>(new LocalHost());

    public async Task DeactivateAllAsync()
    {
        await _directory.StopAsync(CancellationToken.None);
        await _directory.DisposeAsync();
        await _services.DisposeAsync();
        (_services, _connection, _directory) = Begin();
    }

    public Task CrashAsync()
    {
        // Nothing of the old process is disposed of: its last writes go nowhere, and nobody hears its answers.
        _connection.Cut();
        (_services, _connection, _directory) = Begin();
        return Task.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await _directory.DisposeAsync();
        await _services.DisposeAsync();
    }

    private (ServiceProvider Services, DurableMemory.Connection Connection, LocalActorDirectory Directory) Begin()
    {
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddSingleton<TimeProvider>(Clock);
        services.AddSingleton<IVectorStore>(_vectors);
        services.AddSingleton<IOptionsMonitor<OrleansChatOptions>>(Settings);
        services.AddSingleton<IBudgetAlertChannel>(Alerts);
        var provider = services.BuildServiceProvider();
        var connection = _memory.Connect();
        return (provider, connection, new LocalActorDirectory(connection, provider, Clock, NullLogger<LocalActorDirectory>.Instance));
    }
}
