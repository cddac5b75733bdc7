using Microsoft.Extensions.DependencyInjection;
using OrleansChat.Core.Actors;
using OrleansChat.Core.Errors;
using OrleansChat.Grains.Hosting.Faults;
using OrleansChat.Grains.State;

namespace OrleansChat.Grains.Hosting;

/// <summary>Hosts a core actor in a grain: the state is read before the actor is made, its lifecycle follows the activation's.</summary>
/// <typeparam name="TActor">The actor class.</typeparam>
/// <typeparam name="TState">Its main state.</typeparam>
internal abstract class ActorGrain<TActor, TState>(IPersistentState<Snapshot<TState>> state) : Grain
    where TActor : class
    where TState : class, new()
{
    private TActor? _actor;

    /// <summary>The actor.</summary>
    protected TActor Actor => _actor ?? throw new InvalidOperationException($"{GrainContext.GrainId} is not activated.");

    /// <inheritdoc/>
    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        var services = GrainContext.ActivationServices;
        var context = new ActorContext(GrainContext, services, DelayDeactivation);
        var main = new MainState<TState>(state, GrainContext, context.Deactivate);
        _actor = ActivatorUtilities.CreateInstance<TActor>(new ActorServices(services), main, context);
        if (_actor is not IActorLifecycle lifecycle)
            return;

        try
        {
            await lifecycle.ActivateAsync(cancellationToken);
        }
        catch (Exception fault) when (fault is not OrleansChatException and not OperationCanceledException)
        {
            throw FaultTranslation.Translate(fault);
        }
    }

    /// <inheritdoc/>
    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        if (_actor is not IActorLifecycle lifecycle || reason.ReasonCode is DeactivationReasonCode.ActivationFailed)
            return;

        // A silo that stops has waited for its turns before; what runs now is handed over at once.
        var isStopping = reason.ReasonCode is DeactivationReasonCode.ShuttingDown;
        await lifecycle.DeactivateAsync(isStopping ? new CancellationToken(canceled: true) : cancellationToken);
    }
}
