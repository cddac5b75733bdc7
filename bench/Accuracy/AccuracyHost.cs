using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using OrleansChat.Core.Actors;
using OrleansChat.Core.Admission;
using OrleansChat.Core.CircuitBreaking;
using OrleansChat.Core.Routing;
using OrleansChat.Core.Settings;
using OrleansChat.Testing;
using OrleansChat.Testing.Actors;

namespace OrleansChat.Bench.Accuracy;

/// <summary>Actors, and several gateways that share them. What hosts the actors can be killed.</summary>
/// <param name="clock">The clock of actors and gateways.</param>
internal abstract class AccuracyHost(FakeClock clock) : IAsyncDisposable
{
    /// <summary>The clock of actors and gateways. What is real, such as a disk or a silo's life, has a real time of its own.</summary>
    public FakeClock Clock { get; } = clock;

    /// <summary>The actors as callers see them that may die.</summary>
    public IActorDirectory Actors { get; protected set; } = null!;

    /// <summary>Which of them do.</summary>
    public CallerDeaths Deaths { get; } = new();

    /// <summary>Admission and routing, several times over the same actors.</summary>
    public IReadOnlyList<Gateway> Gateways { get; protected set; } = [];

    /// <summary>Whether gateways and callers die with the actors. Where they do not, they repeat what was not answered.</summary>
    public abstract bool GatewaysDie { get; }

    /// <summary>The real time that callers are given to act in, for each second of the clock.</summary>
    public abstract TimeSpan Pace { get; }

    /// <summary>
    /// A kill is near. Half of the time no write of those that it will hit ends any more: whoever is answered until then relies on what was on record before.
    /// </summary>
    public abstract void Doom();

    /// <summary>Those that are doomed die: no write of theirs arrives any more. What they had handed to the store may have become durable.</summary>
    /// <returns>A task.</returns>
    public abstract Task KillAsync();

    /// <summary>Starts anew what was killed, over what was durable.</summary>
    /// <returns>A task.</returns>
    public abstract Task RestartAsync();

    /// <summary>The clock was moved on. Actors that nobody has called for long end in order, where they do not by the clock.</summary>
    /// <param name="time">By how much.</param>
    /// <returns>A task.</returns>
    public virtual Task RestAsync(TimeSpan time) => Task.CompletedTask;

    /// <inheritdoc/>
    public abstract ValueTask DisposeAsync();

    /// <summary>The actors, whose callers may die in between two calls.</summary>
    /// <param name="actors">The actors.</param>
    /// <returns>The same actors.</returns>
    protected IActorDirectory Mortal(IActorDirectory actors) => new InterceptedActors(actors, Deaths.CountAsync);

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

/// <summary>Starts a host.</summary>
/// <param name="settings">The settings.</param>
/// <param name="gateways">The number of gateways.</param>
/// <param name="clock">The clock.</param>
/// <param name="seed">What the host draws from.</param>
/// <returns>The host, with no state.</returns>
internal delegate Task<AccuracyHost> AccuracyHostStart(OrleansChatOptions settings, int gateways, FakeClock clock, int seed);
