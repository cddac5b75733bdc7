using OrleansChat.Core.Keys;
using OrleansChat.GrainInterfaces.Keys;

namespace OrleansChat.GrainInterfaces.Directory.References;

/// <summary>Calls <see cref="IApiKeysGrain"/>.</summary>
internal sealed class ApiKeysReference(IApiKeysGrain grain, CallRepetition calls) : IApiKeysActor
{
    public ValueTask<KeyList> CreateAsync(IssuedKey key, CancellationToken cancellationToken) =>
        calls.RepeatAsync(grain, static (target, key, token) => target.CreateAsync(key, token), key, cancellationToken);

    public ValueTask<KeyList> ChangeAsync(string id, KeyChanges changes, CancellationToken cancellationToken) =>
        calls.RepeatAsync(grain, static (target, call, token) => target.ChangeAsync(call.id, call.changes, token), (id, changes), cancellationToken);

    public ValueTask<KeyList> RotateAsync(string id, string secretHash, DateTimeOffset previousUntil, CancellationToken cancellationToken) =>
        calls.RepeatAsync(
            grain,
            static (target, call, token) => target.RotateAsync(call.id, call.secretHash, call.previousUntil, token),
            (id, secretHash, previousUntil),
            cancellationToken);

    public ValueTask<KeyList> RevokeAsync(string id, CancellationToken cancellationToken) =>
        calls.RepeatAsync(grain, static (target, id, token) => target.RevokeAsync(id, token), id, cancellationToken);

    // An array: what the caller passes may be of a type that the wire does not know.
    public ValueTask<KeyList> NoteAsync(IReadOnlyList<string> ids, CancellationToken cancellationToken) =>
        calls.RepeatAsync(grain, static (target, ids, token) => target.NoteAsync(ids, token), ids.ToArray(), cancellationToken);

    public ValueTask<KeyList> ListAsync(CancellationToken cancellationToken) =>
        calls.RepeatAsync(grain, static (target, _, token) => target.ListAsync(token), true, cancellationToken);

    public IAsyncEnumerable<KeyList> WatchAsync(CancellationToken cancellationToken) =>
        new GrainEnumeration(calls).ReadAsync(grain, static (target, _, token) => target.WatchAsync(token), true, cancellationToken);
}
