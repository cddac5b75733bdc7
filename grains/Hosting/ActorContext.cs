using Microsoft.Extensions.DependencyInjection;
using Orleans.Storage;
using OrleansChat.Core.Actors;
using OrleansChat.Grains.State;

namespace OrleansChat.Grains.Hosting;

/// <summary>What one activation is given.</summary>
internal sealed class ActorContext(IGrainContext grain, IServiceProvider services, Action<TimeSpan> delayDeactivation) : IActorContext
{
    private static readonly DeactivationReason Asked = new(DeactivationReasonCode.ApplicationRequested, "The actor asked for it.");

    public string Key { get; } = grain.GrainId.Key.ToString() ?? "";

    public IActorDirectory Actors { get; } = services.GetRequiredService<IActorDirectory>();

    public ValueTask<IActorState<T>> OpenStateAsync<T>(string name, CancellationToken cancellationToken)
        where T : class, new() =>
        NamedState<T>.OpenAsync(
            services.GetRequiredKeyedService<IGrainStorage>(StateStores.Actors), name, grain.GrainId, Deactivate, cancellationToken);

    public void DelayDeactivation(TimeSpan duration) => delayDeactivation(duration);

    public void Deactivate() => grain.Deactivate(Asked);
}
