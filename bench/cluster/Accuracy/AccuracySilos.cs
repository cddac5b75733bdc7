using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;
using Orleans.Storage;
using Orleans.TestingHost;
using OrleansChat.Bench.Accuracy;
using OrleansChat.Core.Settings;
using OrleansChat.GrainInterfaces.Directory;
using OrleansChat.Grains.Hosting;
using OrleansChat.Grains.State;
using OrleansChat.Silo.Hosting;
using OrleansChat.Testing;
using OrleansChat.Testing.Actors;

namespace OrleansChat.Cluster.Bench.Accuracy;

/// <summary>
/// The actors as grains of several silos over one store, and gateways that are clients of theirs. One silo at a time can be killed; gateways live on. The
/// actors' time is the run's, the silos' own is real: they have to notice a death.
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

    /// <summary>What the store's round trip takes at least, so that states wait for each other's writes and a kill finds some under way.</summary>
    private static readonly TimeSpan StoreLatency = TimeSpan.FromMilliseconds(1);

    private readonly InMemoryStore _store = new() { BeforeWrite = static _ => Task.Delay(StoreLatency) };
    private readonly OrleansChatOptions _settings;
    private readonly Random _random;
    private readonly InProcessTestCluster _cluster;
    private InProcessSiloHandle _doomed = null!;

    private AccuracySilos(OrleansChatOptions settings, FakeClock clock, int seed, int silos)
        : base(clock)
    {
        (_settings, _random) = (settings, new Random(seed));
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
    /// <returns>What starts a run's host.</returns>
    public static AccuracyHostStart Of(int silos) => async (settings, gateways, clock, seed) =>
    {
        var host = new AccuracySilos(settings, clock, seed, silos);
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
        var silos = _cluster.GetActiveSilos().ToList();
        _doomed = silos[_random.Next(silos.Count)];
        if (_random.Next(2) == 0)
            StorageOf(_doomed).Stall();
    }

    public override Task KillAsync()
    {
        // It lives on in this process for a moment, but writes nothing any more.
        StorageOf(_doomed).Kill();
        return _cluster.KillSiloAsync(_doomed);
    }

    public override Task RestartAsync() => _cluster.StartAdditionalSiloAsync();

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
        silo.Services.AddSingleton(provider => new KillableStorage(_store, provider.GetRequiredService<IGrainStorageSerializer>()));
        silo.Services.AddKeyedSingleton<IGrainStorage>(
            StateStores.Actors, static (provider, _) => new TranslatingStorage(provider.GetRequiredService<KillableStorage>()));
    }
}
