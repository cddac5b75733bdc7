using Microsoft.Extensions.DependencyInjection;
using OrleansChat.Core.Settings;
using OrleansChat.Testing;

namespace OrleansChat.GatewayApi.Tests.Hosting;

/// <summary>Tests that each have a gateway of their own, before an upstream that says what the test tells it.</summary>
public abstract class ScriptedGatewayTests : IAsyncLifetime
{
    /// <summary>What the gateway's model answers.</summary>
    private protected ScriptedUpstream Upstream { get; private set; } = null!;

    /// <summary>The gateway.</summary>
    private protected GatewayHost Host { get; private set; } = null!;

    /// <summary>The gateway's settings besides its model.</summary>
    private protected virtual OrleansChatOptions Options => new();

    /// <summary>Changes the settings of its model and upstream.</summary>
    private protected virtual OrleansChatOptions Adjust(OrleansChatOptions settings) => settings;

    /// <summary>Its clock.</summary>
    private protected virtual TimeProvider Clock => TimeProvider.System;

    /// <summary>Adds services of the test's own.</summary>
    private protected virtual void Configure(IServiceCollection services) => services.AddSingleton(Clock);

    public virtual async Task InitializeAsync()
    {
        Upstream = await ScriptedUpstream.StartAsync();
        Host = await GatewayHost.StartAsync(Adjust(GatewayHost.With(Upstream.BaseUrl, Options)), Configure);
    }

    public virtual async Task DisposeAsync()
    {
        await Host.DisposeAsync();
        await Upstream.DisposeAsync();
    }
}
