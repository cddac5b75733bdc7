using System.Reflection;
using OrleansChat.Core.Actors;
using OrleansChat.Core.CircuitBreaking;
using OrleansChat.Core.Costs;
using OrleansChat.Core.Costs.InputRatios;
using OrleansChat.Core.RateLimiting;

namespace OrleansChat.Standalone.Actors;

/// <summary>What the host must know of a method of an actor interface; the interface's own mark decides, as it does on a cluster.</summary>
/// <param name="Name">Its name, with the interface's.</param>
/// <param name="Interleaves">Whether it may run while another call awaits.</param>
/// <param name="IsBrief">Whether it is one of those that pass a request on: most answer at once, and a trace need not tell of them.</param>
internal sealed record ActorMethod(string Name, bool Interleaves, bool IsBrief = false)
{
    private static readonly HashSet<Type> Brief = [typeof(IRateLimiterActor), typeof(ICostTrackerActor), typeof(IInputRatioActor), typeof(ICircuitBreakerActor)];

    /// <summary>Reads the marks of a method.</summary>
    /// <typeparam name="TInterface">The actor interface.</typeparam>
    /// <param name="name">The method's name.</param>
    public static ActorMethod Of<TInterface>(string name)
    {
        var method = typeof(TInterface).GetMethod(name)
            ?? throw new InvalidOperationException($"{typeof(TInterface).Name} has no method {name}.");
        return new ActorMethod($"{typeof(TInterface).Name}/{name}", method.GetCustomAttribute<InterleavesAttribute>() is not null, Brief.Contains(typeof(TInterface)));
    }
}
