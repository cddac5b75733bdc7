using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OrleansChat.Cluster.Tests.Hosts;
using OrleansChat.Contract.Tests.Sessions;
using OrleansChat.Core.Actors;
using OrleansChat.Core.Keys;
using OrleansChat.Core.Sessions;
using OrleansChat.Grains.Hosting;
using OrleansChat.Testing;

namespace OrleansChat.Cluster.Tests.Faults;

/// <summary>Sessions whose time is over go by themselves: one reminder of the cluster sweeps them.</summary>
public sealed class SessionExpiryTests : IAsyncLifetime
{
    private static readonly ApiKey Owner = new() { Id = "owner" };
    private static readonly GrainId Sweeping = GrainId.Create("turn-recovery", "all");

    private readonly AheadClock _clock = new();
    private TestSilos _silos = null!;

    public async Task InitializeAsync() => _silos = await TestSilos.StartAsync(more: services => services
        .AddSingleton(new ActorClock(_clock))
        .AddSingleton(provider => new SessionSweep(
            provider.GetRequiredService<IActorDirectory>(), _clock, provider.GetRequiredService<ILogger<SessionSweep>>())));

    public async Task DisposeAsync() => await _silos.DisposeAsync();

    [Fact]
    public async Task Reminder_AfterARestart_RemovesTheSessionsWhoseTimeIsOverAndNoOthers()
    {
        await MakeAsync("short", 60);
        await MakeAsync("long", 600);
        await MakeAsync("endless", null);
        await _silos.RestartAsync(TimeSpan.FromSeconds(30));
        await TestWait.UntilAsync(async () => (await RemindersAsync()).Count == 1);

        _clock.Ahead = TimeSpan.FromMinutes(61);
        await RemindAsync();

        await TestWait.UntilAsync(async () => await ListedAsync() is ["endless", "long"]);
        await TestWait.UntilAsync(() => !_silos.Store.Keys.Any(key => key.Contains("short", StringComparison.Ordinal)));
    }

    private async Task MakeAsync(string id, int? minutes) =>
        await _silos.Actors.Session(id).CreateAsync(Owner, new SessionSettings { TtlMinutes = minutes }, default);

    private async Task<IList<ReminderEntry>> RemindersAsync()
    {
        var silo = _silos.Cluster.GetActiveSilos().First();
        return (await _silos.Cluster.GetSiloServiceProvider(silo.SiloAddress).GetRequiredService<IReminderTable>().ReadRows(Sweeping)).Reminders;
    }

    // As its timer would within a minute.
    private Task RemindAsync() => _silos.Cluster.Client.GetGrain<IRemindable>(Sweeping).ReceiveReminder("open-turns", default);

    private async Task<string[]> ListedAsync() =>
        [.. (await _silos.Actors.SessionIndex(Owner.Id).ListAsync(10, null, null, default)).Items.Select(line => line.Id).Order(StringComparer.Ordinal)];
}
