using OrleansChat.Core.Actors;
using OrleansChat.Testing;

namespace OrleansChat.Contract.Tests.Hosting;

/// <summary>A suite of promises that every host keeps.</summary>
/// <typeparam name="THost">Starts the host.</typeparam>
public abstract class ActorContract<THost> : IAsyncLifetime
    where THost : IActorHostFactory
{
    private IActorHost? _host;

    protected IActorHost Host => _host!;

    protected IActorDirectory Actors => Host.Actors;

    protected FakeClock Clock => Host.Clock;

    public async Task InitializeAsync() => _host = await StartAsync();

    public async Task DisposeAsync() => await Host.DisposeAsync();

    /// <summary>A host without a state; one of its own where a test says nothing else.</summary>
    protected virtual Task<IActorHost> StartAsync() => THost.StartAsync();
}
