using Microsoft.Extensions.DependencyInjection;
using OrleansChat.Core.Settings;
using OrleansChat.GatewayApi.Tests.Hosting;
using OrleansChat.Testing;

namespace OrleansChat.GatewayApi.Tests.Tenancy;

/// <summary>A gateway, and every kind of caller of it.</summary>
public abstract class MatrixTests : IAsyncLifetime
{
    private readonly FakeClock _clock = new();

    private protected virtual OrleansChatOptions Settings => Callers.Settings;

    private protected GatewayHost Host { get; private set; } = null!;

    private protected Callers Invited { get; private set; } = null!;

    private protected MatrixRequests Requests { get; private set; } = null!;

    public virtual async Task InitializeAsync()
    {
        Host = await GatewayHost.StartAsync(Settings, services => services.AddSingleton<TimeProvider>(_clock));
        Invited = await Callers.InviteAsync(Host, _clock);
        Requests = new MatrixRequests(Host, Invited);
    }

    public async Task DisposeAsync() => await Host.DisposeAsync();
}
