using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using OrleansChat.Core.Actors;
using OrleansChat.Standalone.Actors;
using OrleansChat.Standalone.State;
using OrleansChat.Testing;

namespace OrleansChat.Standalone.Tests.Actors;

/// <summary>A host of probe actors over a store in memory.</summary>
internal sealed class ProbeHost : ILogger
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly ActorHost _host;
    private readonly ActorKind<ProbeActor> _kind;

    public ProbeHost()
    {
        _host = new ActorHost(null!, Store, Clock, this, _stopping.Token);
        _kind = new ActorKind<ProbeActor>("probe", _host, CreateAsync);
    }

    public FakeClock Clock { get; } = new();

    public MemoryStateStore Store { get; } = new();

    public ConcurrentQueue<string> Journal { get; } = [];

    /// <summary>The levels of what was logged.</summary>
    public ConcurrentQueue<LogLevel> Logged { get; } = [];

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

    /// <summary>The time for a stop is over: what still runs is cancelled.</summary>
    public void Cancel() => _stopping.Cancel();

    IDisposable? ILogger.BeginScope<TState>(TState state) => null;

    bool ILogger.IsEnabled(LogLevel logLevel) => true;

    void ILogger.Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        Logged.Enqueue(logLevel);

    private async ValueTask<ProbeActor> CreateAsync(IActorContext context, CancellationToken cancellationToken)
    {
        if (ActivationFault is { } fault)
            throw fault;

        return new ProbeActor(context, await context.OpenStateAsync<ProbeState>(StateKey.Main, cancellationToken), Journal);
    }
}
