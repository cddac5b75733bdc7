using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using OrleansChat.Core.Settings;
using OrleansChat.Standalone.Actors;
using OrleansChat.Standalone.Journal;
using OrleansChat.Standalone.State;
using OrleansChat.Testing;
using OpenJournal = OrleansChat.Standalone.Journal.Journal;

namespace OrleansChat.Bench.Accuracy;

/// <summary>The actors of one process over a journal on disk. The process can be killed, and its gateways with it.</summary>
internal sealed class AccuracyProcess : AccuracyHost
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("orleanschat-accuracy-");
    private readonly IOptionsMonitor<OrleansChatOptions> _settings;
    private readonly int _gatewayCount;
    private readonly Random _random;
    private OpenJournal _journal = null!;
    private CuttableStore _store = null!;

    private AccuracyProcess(OrleansChatOptions settings, int gatewayCount, FakeClock clock, int seed)
        : base(clock) =>
        (_settings, _gatewayCount, _random) = (new FixedSettings(settings), gatewayCount, new Random(seed));

    public override bool GatewaysDie => true;

    public override TimeSpan Pace { get; } = TimeSpan.FromMilliseconds(5);

    public static async Task<AccuracyHost> StartAsync(OrleansChatOptions settings, int gateways, FakeClock clock, int seed)
    {
        var host = new AccuracyProcess(settings, gateways, clock, seed);
        await host.BeginAsync();
        return host;
    }

    public override void Doom()
    {
        if (_random.Next(2) == 0)
            _store.Stall();
    }

    public override Task KillAsync()
    {
        _store.Cut();
        return Task.CompletedTask;
    }

    public override async Task RestartAsync()
    {
        await _journal.DisposeAsync();
        await BeginAsync();
    }

    public override async ValueTask DisposeAsync()
    {
        _store.Cut();
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
        Actors = Mortal(local);

        // Every second one visits its actors, as an executable's does; at the others callers go from scope to scope, and may die in between.
        Gateways = [.. Enumerable.Range(0, _gatewayCount).Select(i => Gateway.Open(i % 2 == 1 ? local : Actors, _settings, Clock))];
    }
}
