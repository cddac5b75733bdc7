using System.Collections.Concurrent;
using Microsoft.Extensions.Logging.Abstractions;
using OrleansChat.Core.Actors;
using OrleansChat.Standalone.Actors;
using OrleansChat.Standalone.State;
using OrleansChat.Testing;

namespace OrleansChat.Standalone.Tests.Actors;

/// <summary>A host of probe actors over a store in memory.</summary>
internal sealed class ProbeHost
{
    private readonly ActorHost _host;
    private readonly ActorKind<ProbeActor> _kind;

    public ProbeHost()
    {
        _host = new ActorHost(null!, Store, Clock, NullLogger.Instance, CancellationToken.None);
        _kind = new ActorKind<ProbeActor>("probe", _host, CreateAsync);
    }

    public FakeClock Clock { get; } = new();

    public MemoryStateStore Store { get; } = new();

    public ConcurrentQueue<string> Journal { get; } = [];

    public Exception? ActivationFault { get; set; }

    public int Activations => _kind.Count;

    public ActorReference<ProbeActor> Actor(string key) => new(_kind, key);

    public LocalActor<ProbeActor> Local(string key) => new(_kind, key);

    public void Sweep()
    {
        _host.CountSweep();
        _kind.Sweep();
    }

    public Task StopAsync() => _kind.StopAsync(CancellationToken.None);

    private async ValueTask<ProbeActor> CreateAsync(IActorContext context, CancellationToken cancellationToken)
    {
        if (ActivationFault is { } fault)
            throw fault;

        return new ProbeActor(context, await context.OpenStateAsync<ProbeState>(StateKey.Main, cancellationToken), Journal);
    }
}
