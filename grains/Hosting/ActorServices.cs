namespace OrleansChat.Grains.Hosting;

/// <summary>
/// What actors are made with: the silo's services, but with a clock of their own where there is one. Tests move the actors' time; Orleans' own
/// must go on.
/// </summary>
internal sealed class ActorServices(IServiceProvider services) : IServiceProvider
{
    /// <inheritdoc/>
    public object? GetService(Type serviceType) =>
        serviceType == typeof(TimeProvider) && services.GetService(typeof(ActorClock)) is ActorClock clock ? clock.Time : services.GetService(serviceType);
}

/// <summary>The actors' clock, where it is not the silo's.</summary>
/// <param name="Time">The clock.</param>
public sealed record ActorClock(TimeProvider Time);
