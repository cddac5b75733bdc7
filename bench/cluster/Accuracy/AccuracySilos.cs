using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;
using Orleans.Storage;
using Orleans.TestingHost;
using OrleansChat.Bench.Accuracy;
using OrleansChat.Cluster.Bench.Processes;
using OrleansChat.Core.Settings;
using OrleansChat.GrainInterfaces.Clustering;
using OrleansChat.GrainInterfaces.Directory;
using OrleansChat.Grains.Hosting;
using OrleansChat.Grains.State;
using OrleansChat.Silo.Clustering;
using OrleansChat.Silo.Hosting;
using OrleansChat.Testing;
using OrleansChat.Testing.Actors;

namespace OrleansChat.Cluster.Bench.Accuracy;

/// <summary>
/// The actors as grains of several silos over one store, and gateways that are clients of theirs. All silos but one can be killed at once; gateways live on.
/// The actors' time is the run's, the silos' own is real: they have to notice a death.
/// </summary>
internal sealed class AccuracySilos : AccuracyHost
{
    /// <summary>A silo that is dead is out after a second or two, and one that waits for a busy machine's processor is not.</summary>
    private const int MissedProbes = 8;
    private static readonly TimeSpan Probe = TimeSpan.FromMilliseconds(200);

    /// <summary>How long a call waits for its answer before it is repeated. As shipped it is thrice that, and a run would spend most of its time waiting.</summary>
    private static readonly TimeSpan ResponseTimeout = TimeSpan.FromSeconds(1);

    /// <summary>After that long without a call an actor's grain would end.</summary>
    private static readonly TimeSpan Idle = TimeSpan.FromMinutes(15);

    /// <summary>The name of the store that all silos share, as Redis is in a cluster.</summary>
    private const string SharedStore = SiloCluster.RedisStore;

    /// <summary>What a round trip takes at least in memory, so that states wait for each other's writes and a kill finds some under way.</summary>
    private static readonly TimeSpan StoreLatency = TimeSpan.FromMilliseconds(1);

    private readonly InMemoryStore _memory = new() { BeforeWrite = static _ => Task.Delay(StoreLatency) };
    private readonly BenchRedis? _redis;
    private readonly OrleansChatOptions _settings;
    private readonly Random _random;
    private readonly InProcessTestCluster _cluster;
    private IReadOnlyList<InProcessSiloHandle> _doomed = [];

    private AccuracySilos(OrleansChatOptions settings, FakeClock clock, int seed, int silos, BenchRedis? redis)
        : base(clock)
    {
        (_settings, _random, _redis) = (settings, new Random(seed), redis);
        var builder = new InProcessTestClusterBuilder((short)silos);
        builder.Options.ConfigureFileLogging = false;
        builder.ConfigureSilo((_, silo) => Configure(silo));
        builder.ConfigureClient(static client => client.AddOrleansChatClient()
            .Configure<ClientMessagingOptions>(static messaging => messaging.ResponseTimeout = ResponseTimeout));
        _cluster = builder.Build();
    }

    public override bool GatewaysDie => false;

    public override TimeSpan Pace { get; } = TimeSpan.FromMilliseconds(10);

    /// <summary>Starts clusters of so many silos.</summary>
    /// <param name="silos">The number of silos, two or more.</param>
    /// <param name="overRedis">Whether their states are in a Redis of the run's own, and not in memory that all share.</param>
    /// <returns>What starts a run's host.</returns>
    public static AccuracyHostStart Of(int silos, bool overRedis = false) => async (settings, gateways, clock, seed) =>
    {
        var host = new AccuracySilos(settings, clock, seed, silos, overRedis ? BenchRedis.Start() : null);
        await host._cluster.DeployAsync();
        var services = host._cluster.Client.ServiceProvider;
        var monitor = new FixedSettings(settings);

        // Each merges and repeats its calls by itself, as each gateway's process does.
        GrainDirectory Directory() => new(host._cluster.Client, TimeProvider.System, services.GetRequiredService<ConnectionLoss>());
        host.Actors = host.Mortal(Directory());
        host.Gateways = [.. Enumerable.Range(0, gateways).Select(_ => Repeating(Gateway.Open(host.Mortal(Directory()), monitor, clock)))];
        return host;
    };

    public override void Doom()
    {
        // Mostly one, as machines die; sometimes all but one, as a zone does.
        var silos = _cluster.GetActiveSilos().ToArray();
        _random.Shuffle(silos);
        _doomed = silos[..(_random.Next(3) == 0 ? silos.Length - 1 : 1)];
        foreach (var silo in _doomed.Where(_ => _random.Next(2) == 0))
            StorageOf(silo).Stall();
    }

    public override Task KillAsync()
    {
        // They live on in this process for a moment, but write nothing any more.
        foreach (var silo in _doomed)
            StorageOf(silo).Kill();

        return Task.WhenAll(_doomed.Select(_cluster.KillSiloAsync));
    }

    public override async Task RestartAsync()
    {
        foreach (var _ in _doomed)
            await _cluster.StartAdditionalSiloAsync();
    }

    public override async Task RestAsync(TimeSpan time)
    {
        // Idleness is measured in the silos' own time.
        if (time >= Idle)
            await _cluster.Client.GetGrain<IManagementGrain>(0).ForceActivationCollection(TimeSpan.Zero);
    }

    public override async ValueTask DisposeAsync()
    {
        await Task.WhenAll(_cluster.GetActiveSilos().ToList().Select(static silo => silo.StopSiloAsync(stopGracefully: false)));
        await _cluster.DisposeAsync();
        if (_redis is not null)
            await _redis.DisposeAsync();
    }

    private static Gateway Repeating(Gateway gateway) => gateway with { Admission = new RepeatedAdmission(gateway.Admission) };

    private KillableStorage StorageOf(InProcessSiloHandle silo) =>
        _cluster.GetSiloServiceProvider(silo.SiloAddress).GetRequiredService<KillableStorage>();

    private void Configure(ISiloBuilder silo)
    {
        silo.Services.AddLogging(static logging => logging.SetMinimumLevel(LogLevel.None)).AddSiloDomain(_settings, isLocal: true);
        silo.AddOrleansChatGrains().UseClusterTimes(TimeSpan.Zero).UseInMemoryReminderService().UseSystemTextJsonGrainStorageSerializer();
        silo.Configure<ClusterMembershipOptions>(static membership => (membership.ProbeTimeout, membership.NumMissedProbesLimit) = (Probe, MissedProbes));
        silo.Configure<SiloMessagingOptions>(static messaging => messaging.ResponseTimeout = ResponseTimeout);
        silo.Services.AddSingleton(new ActorClock(Clock));
        silo.Services.AddSingleton<PlacementStrategy, RandomPlacement>();
        AddStore(silo);
        silo.Services.AddSingleton(static provider => new KillableStorage(provider.GetRequiredKeyedService<IGrainStorage>(SharedStore)));
        silo.Services.AddKeyedSingleton<IGrainStorage>(
            StateStores.Actors, static (provider, _) => new TranslatingStorage(provider.GetRequiredService<KillableStorage>()));
    }

    private void AddStore(ISiloBuilder silo)
    {
        if (_redis is null)
        {
            silo.Services.AddKeyedSingleton<IGrainStorage>(
                SharedStore, (provider, _) => new MemoryStorage(_memory, provider.GetRequiredService<IGrainStorageSerializer>()));
            return;
        }

        silo.Services.AddSingleton(provider => new RedisConnection(
            new OrleansChatOptions { Cluster = new() { Redis = _redis.Address } }, TimeProvider.System, provider.GetRequiredService<ILogger<RedisConnection>>()));
        silo.AddRedisStore();
    }
}
