using OrleansChat.Core.Actors;

namespace OrleansChat.Standalone.Actors;

/// <summary>Visits an actor by its key, whichever activation it has.</summary>
/// <typeparam name="TActor">The actor class.</typeparam>
internal sealed class LocalActor<TActor>(ActorKind<TActor> kind, string key) : ILocalActor<TActor>
    where TActor : class
{
    private static readonly ActorMethod Turn = new("wait", Interleaves: true) { IsBrief = true };

    private readonly ActorReference<TActor> _reference = new(kind, key);

    // Looking it up by its key would be a good part of a visit.
    private Activation<TActor>? _last;

    public IActorVisit<TActor>? TryBeginVisit()
    {
        var activation = _last is { HasEnded: false } last ? last : _last = kind.Resolve(key);
        return activation.TryBeginVisit() ? activation : null;
    }

    public ValueTask WaitForTurnAsync(CancellationToken cancellationToken) =>
        _last is { HasEnded: false } last && last.TryRunWaiting() ? default : QueueForTurnAsync(cancellationToken);

    private async ValueTask QueueForTurnAsync(CancellationToken cancellationToken) =>
        await _reference.CallAsync(Turn, static (_, _, _) => ValueTask.FromResult(true), true, cancellationToken);
}
