using OrleansChat.Core.Keys;

namespace OrleansChat.Standalone.Actors.References;

/// <summary>Calls <see cref="IApiKeysActor"/> in this process.</summary>
internal sealed class LocalApiKeys(ActorReference<IApiKeysActor> actor) : IApiKeysActor
{
    private static readonly ActorMethod Create = ActorMethod.Of<IApiKeysActor>(nameof(CreateAsync));
    private static readonly ActorMethod Change = ActorMethod.Of<IApiKeysActor>(nameof(ChangeAsync));
    private static readonly ActorMethod Rotate = ActorMethod.Of<IApiKeysActor>(nameof(RotateAsync));
    private static readonly ActorMethod Revoke = ActorMethod.Of<IApiKeysActor>(nameof(RevokeAsync));
    private static readonly ActorMethod Note = ActorMethod.Of<IApiKeysActor>(nameof(NoteAsync));
    private static readonly ActorMethod List = ActorMethod.Of<IApiKeysActor>(nameof(ListAsync));

    public ValueTask<KeyList> CreateAsync(IssuedKey key, CancellationToken cancellationToken) =>
        actor.CallAsync(Create, static (target, key, token) => target.CreateAsync(key, token), key, cancellationToken);

    public ValueTask<KeyList> ChangeAsync(string id, KeyChanges changes, CancellationToken cancellationToken) =>
        actor.CallAsync(Change,
            static (target, call, token) => target.ChangeAsync(call.id, call.changes, token),
            (id, changes),
            cancellationToken);

    public ValueTask<KeyList> RotateAsync(string id, string secretHash, DateTimeOffset previousUntil, CancellationToken cancellationToken) =>
        actor.CallAsync(Rotate,
            static (target, call, token) => target.RotateAsync(call.id, call.secretHash, call.previousUntil, token),
            (id, secretHash, previousUntil),
            cancellationToken);

    public ValueTask<KeyList> RevokeAsync(string id, CancellationToken cancellationToken) =>
        actor.CallAsync(Revoke, static (target, id, token) => target.RevokeAsync(id, token), id, cancellationToken);

    public ValueTask<KeyList> NoteAsync(IReadOnlyList<string> ids, CancellationToken cancellationToken) =>
        actor.CallAsync(Note, static (target, ids, token) => target.NoteAsync(ids, token), ids, cancellationToken);

    public ValueTask<KeyList> ListAsync(CancellationToken cancellationToken) =>
        actor.CallAsync(List, static (target, _, token) => target.ListAsync(token), true, cancellationToken);

    public IAsyncEnumerable<KeyList> WatchAsync(CancellationToken cancellationToken) =>
        actor.EnumerateAsync(static (target, _, token) => target.WatchAsync(token), true, cancellationToken);
}
