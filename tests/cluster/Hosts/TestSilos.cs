using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orleans.Storage;
using Orleans.TestingHost;
using OrleansChat.Contract.Tests.Sessions;
using OrleansChat.Core.Actors;
using OrleansChat.Core.Admission;
using OrleansChat.Core.Routing;
using OrleansChat.Core.Search;
using OrleansChat.Core.Search.Stores;
using OrleansChat.Core.Sessions;
using OrleansChat.Core.Settings;
using OrleansChat.Core.Turns;
using OrleansChat.Core.Upstreams;
using OrleansChat.GrainInterfaces.Directory;
using OrleansChat.Grains.Hosting;
using OrleansChat.Grains.Sessions.Draining;
using OrleansChat.Grains.State;
using OrleansChat.Testing.Chat;
using OrleansChat.Testing.Search;

namespace OrleansChat.Cluster.Tests.Hosts;

/// <summary>A cluster of at least two silos in this process, with the shipped times and a store that outlives silos.</summary>
internal sealed class TestSilos : IAsyncDisposable
{
    private const int InitialSilos = 2;
    private const int DeactivationAttempts = 20;

    private readonly OrleansChatOptions _options;
    private readonly Action<IServiceCollection>? _more;

    // As a vector store outside the silos: it outlives them.
    private readonly InMemoryVectorStore _vectors = new(new MemoryPassageLog());
    private readonly List<Task> _ending = [];
    private InProcessTestCluster _cluster = null!;
    private ReplaceableUpstream _upstream = new();
    private TimeSpan _drain = TimeSpan.FromSeconds(20);

    private TestSilos(OrleansChatOptions options, Action<IServiceCollection>? more, SharedStore? store)
    {
        Store = store ?? new SharedStore();
        _options = options;
        _more = more;
    }

    /// <summary>The settings of a cluster with one scripted upstream.</summary>
    public static OrleansChatOptions DefaultOptions { get; } = new()
    {
        Upstreams = [new UpstreamOptions { Id = "scripted", Kind = UpstreamKind.OpenAI, BaseUrl = "http://127.0.0.1:9" }],
        Models =
        [
            new ModelOptions { Id = ModelOptions.DefaultId, Route = ["scripted/m"] },
            new ModelOptions { Id = "priced", Route = ["scripted/m"], InputUsdPerMillion = 1, OutputUsdPerMillion = 1 },
            new ModelOptions { Id = "hedged", Route = ["scripted/m", "scripted/n"], InputUsdPerMillion = 1, OutputUsdPerMillion = 1, HedgeAfter = TimeSpan.FromMilliseconds(20) },
        ],
        Sessions = new SessionOptions { Search = true },
    };

    /// <summary>What outlives the silos.</summary>
    public SharedStore Store { get; }

    /// <summary>The actors, over a client.</summary>
    public IActorDirectory Actors { get; private set; } = null!;

    /// <summary>The upstream of the silos that were started last.</summary>
    public ScriptedChatClient Upstream { get; private set; } = null!;

    /// <summary>The cluster.</summary>
    public InProcessTestCluster Cluster => _cluster;

    /// <summary>Starts the cluster.</summary>
    /// <param name="options">The settings; null for <see cref="DefaultOptions"/>.</param>
    /// <param name="more">Services of every silo that replace the usual ones.</param>
    /// <param name="store">The store; null for one of its own. Two clusters over one are a partition: both believe to own what is in it.</param>
    public static async Task<TestSilos> StartAsync(OrleansChatOptions? options = null, Action<IServiceCollection>? more = null, SharedStore? store = null)
    {
        var silos = new TestSilos(options ?? DefaultOptions, more, store);
        await silos.DeployAsync();
        return silos;
    }

    /// <summary>
    /// Ends every activation and forgets every state. Where an activation does not end at once, as one whose turn still runs, the silos are
    /// replaced.
    /// </summary>
    public async Task ResetAsync()
    {
        var isEmpty = await TryDeactivateAllAsync();
        if (!isEmpty)
            KillAll();

        Store.Clear();
        if (isEmpty)
            Upstream = _upstream.Client = new ScriptedChatClient();
        else
            await DeployAsync();
    }

    /// <summary>Stops all silos in order and starts new ones.</summary>
    /// <param name="patience">How long running turns may go on.</param>
    public async Task RestartAsync(TimeSpan patience)
    {
        _drain = patience;
        foreach (var silo in _cluster.GetActiveSilos().ToList())
            SetDrain(silo, patience);

        // All at once: one after the other, the last would take over the turns of the first.
        await Task.WhenAll(_cluster.GetActiveSilos().ToList().Select(silo => silo.StopSiloAsync(stopGracefully: true)));
        await _cluster.DisposeAsync();
        _drain = TimeSpan.FromSeconds(20);
        await DeployAsync();
    }

    /// <summary>Kills all silos at once and starts new ones.</summary>
    public async Task CrashAsync()
    {
        KillAll();
        await DeployAsync();
    }

    /// <summary>Kills one silo: its writes end at once, the others have to notice.</summary>
    public async Task KillAsync(InProcessSiloHandle silo)
    {
        StoreOf(silo).Kill();
        await _cluster.KillSiloAsync(silo);
    }

    public async ValueTask DisposeAsync() => await Task.WhenAll(_ending.Append(EndAsync(_cluster)));

    // Without a drain: there is nothing left that a test wants to keep.
    private static async Task EndAsync(InProcessTestCluster cluster)
    {
        await Task.WhenAll(cluster.GetActiveSilos().ToList().Select(silo => silo.StopSiloAsync(stopGracefully: false)));
        await cluster.DisposeAsync();
    }

    private void KillAll()
    {
        foreach (var silo in _cluster.GetActiveSilos())
            StoreOf(silo).Kill();

        // From here on nothing that they do counts; how long they take to end matters to nobody.
        var dead = _cluster;
        _ending.Add(Task.Run(() => EndAsync(dead)));
    }

    private async Task<bool> TryDeactivateAllAsync()
    {
        var management = _cluster.Client.GetGrain<IManagementGrain>(0);
        for (var attempt = 0; attempt < DeactivationAttempts; attempt++)
        {
            await management.ForceActivationCollection(TimeSpan.Zero);
            var left = await management.GetSimpleGrainStatistics();
            if (!left.Any(static grain => grain.ActivationCount > 0 && grain.GrainType.Contains(nameof(OrleansChat), StringComparison.Ordinal)))
                return true;
        }

        return false;
    }

    private SiloStore StoreOf(InProcessSiloHandle silo) =>
        _cluster.GetSiloServiceProvider(silo.SiloAddress).GetRequiredService<SiloStore>();

    private async Task DeployAsync()
    {
        Upstream = new ScriptedChatClient();
        _upstream = new ReplaceableUpstream { Client = Upstream };
        var builder = new InProcessTestClusterBuilder(InitialSilos);
        builder.Options.ConfigureFileLogging = false;
        builder.ConfigureSilo(ConfigureSilo);
        builder.ConfigureClient(client => client.AddOrleansChatClient());
        _cluster = builder.Build();
        await _cluster.DeployAsync();
        Actors = _cluster.Client.ServiceProvider.GetRequiredService<IActorDirectory>();
    }

    private void ConfigureSilo(InProcessTestSiloSpecificOptions _, ISiloBuilder builder)
    {
        builder.AddOrleansChatGrains().UseClusterTimes(_drain).UseInMemoryReminderService().UseSystemTextJsonGrainStorageSerializer();
        var services = builder.Services;
        services.AddSingleton<PlacementStrategy, RandomPlacement>();
        services.AddKeyedSingleton<IGrainStorage>(StateStores.Actors, (provider, key) =>
            new TranslatingStorage(provider.GetRequiredService<SiloStore>()));
        services.AddSingleton(provider => new SiloStore(Store, provider.GetRequiredService<IGrainStorageSerializer>()));
        services.AddLogging(logging => logging.SetMinimumLevel(LogLevel.Error));
        _more?.Invoke(services);
        services.AddSettings(_options);
        services.AddAdmission();
        services.AddModelRouting();
        services.AddTurns();
        services.AddSessions();
        services.AddSearch();
        services.AddSingleton<IVectorStore>(_vectors);
        services.AddSingleton<IUpstreams>(_upstream);
        services.AddSingleton<IRetriever, NoSources>();
    }

    private void SetDrain(InProcessSiloHandle silo, TimeSpan patience) =>
        _cluster.GetSiloServiceProvider(silo.SiloAddress).GetRequiredService<Microsoft.Extensions.Options.IOptions<TurnDrainOptions>>()
            .Value.Patience = patience;
}
