using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using OrleansChat.Core.Actors;
using OrleansChat.Core.Admission;
using OrleansChat.Core.CircuitBreaking;
using OrleansChat.Core.Routing;
using OrleansChat.Core.Settings;
using OrleansChat.Standalone.Actors;
using OrleansChat.Standalone.Journal;
using OrleansChat.Standalone.State;
using OrleansChat.Testing;
using OrleansChat.Testing.Actors;
using OpenJournal = OrleansChat.Standalone.Journal.Journal;

namespace OrleansChat.Bench.Accuracy;

/// <summary>The actors of one process over a journal on disk, and several gateways that share them. The process can be killed.</summary>
internal sealed class AccuracyHost : IAsyncDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("orleanschat-accuracy-");
    private readonly IOptionsMonitor<OrleansChatOptions> _settings;
    private readonly int _gatewayCount;
    private OpenJournal _journal = null!;
    private CuttableStore _store = null!;

    private AccuracyHost(OrleansChatOptions settings, int gatewayCount, FakeClock clock) =>
        (_settings, _gatewayCount, Clock) = (new FixedSettings(settings), gatewayCount, clock);

    /// <summary>The clock of everything but the journal.</summary>
    public FakeClock Clock { get; }

    /// <summary>The actors as callers see them that may die.</summary>
    public IActorDirectory Actors { get; private set; } = null!;

    /// <summary>Which of them do.</summary>
    public CallerDeaths Deaths { get; } = new();

    /// <summary>Admission and routing, several times over the same actors.</summary>
    public IReadOnlyList<Gateway> Gateways { get; private set; } = [];

    public static async Task<AccuracyHost> StartAsync(OrleansChatOptions settings, int gateways, FakeClock clock)
    {
        var host = new AccuracyHost(settings, gateways, clock);
        await host.BeginAsync();
        return host;
    }

    /// <summary>The process dies: no write of it arrives any more. What it had handed to the journal may have become durable.</summary>
    public void Kill() => _store.Cut();

    /// <summary>Starts a process anew over what was durable.</summary>
    public async Task RestartAsync()
    {
        await _journal.DisposeAsync();
        await BeginAsync();
    }

    public async ValueTask DisposeAsync()
    {
        Kill();
        await _journal.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    private async Task BeginAsync()
    {
        // The disk is real, and so is its time.
        _journal = await OpenJournal.OpenAsync(
            new JournalOptions { DataDirectory = _folder.FullName }, TimeProvider.System, NullLogger<OpenJournal>.Instance, CancellationToken.None);
        _store = new CuttableStore(new JournalStateStore(_journal));
        var services = new ServiceCollection().AddLogging().AddSingleton<TimeProvider>(Clock).AddSingleton(_settings).BuildServiceProvider();
        var local = new LocalActorDirectory(_store, services, Clock, NullLogger<LocalActorDirectory>.Instance);
        Actors = new InterceptedActors(local, Deaths.CountAsync);

        // Every second one visits its actors, as an executable's does; at the others callers go from scope to scope, and may die in between.
        Gateways = [.. Enumerable.Range(0, _gatewayCount).Select(i => Gateway.Open(i % 2 == 1 ? local : Actors, _settings, Clock))];
    }

    /// <summary>One gateway.</summary>
    internal sealed record Gateway(IAdmission Admission, IRouter Router, IModelCatalog Catalog)
    {
        public static Gateway Open(IActorDirectory actors, IOptionsMonitor<OrleansChatOptions> settings, TimeProvider time)
        {
            var rules = new ScopeRules(settings);
            var catalog = new ModelCatalog(settings);
            var breakers = new BreakerWatch(actors, time, settings, NullLogger<BreakerWatch>.Instance);
            return new Gateway(new ScopedAdmission(actors, catalog, rules, breakers, time), new Router(actors, breakers, rules, time), catalog);
        }
    }
}
