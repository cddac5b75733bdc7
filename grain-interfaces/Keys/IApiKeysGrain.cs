using OrleansChat.Core.Keys;

namespace OrleansChat.GrainInterfaces.Keys;

/// <summary>The keys made at run time, on the cluster.</summary>
[Alias("orleanschat.api-keys")]
public interface IApiKeysGrain : IApiKeysActor, IGrainWithStringKey
{
    /// <inheritdoc cref="IApiKeysActor.CreateAsync"/>
    [Alias("create")]
    new ValueTask<KeyList> CreateAsync(IssuedKey key, CancellationToken cancellationToken);

    /// <inheritdoc cref="IApiKeysActor.ChangeAsync"/>
    [Alias("change")]
    new ValueTask<KeyList> ChangeAsync(string id, KeyChanges changes, CancellationToken cancellationToken);

    /// <inheritdoc cref="IApiKeysActor.RotateAsync"/>
    [Alias("rotate")]
    new ValueTask<KeyList> RotateAsync(string id, string secretHash, DateTimeOffset previousUntil, CancellationToken cancellationToken);

    /// <inheritdoc cref="IApiKeysActor.RevokeAsync"/>
    [Alias("revoke")]
    new ValueTask<KeyList> RevokeAsync(string id, CancellationToken cancellationToken);

    /// <inheritdoc cref="IApiKeysActor.NoteAsync"/>
    [Alias("note")]
    new ValueTask<KeyList> NoteAsync(IReadOnlyList<string> ids, CancellationToken cancellationToken);

    /// <inheritdoc cref="IApiKeysActor.ListAsync"/>
    [Alias("list")]
    new ValueTask<KeyList> ListAsync(CancellationToken cancellationToken);

    /// <inheritdoc cref="IApiKeysActor.WatchAsync"/>
    [Alias("watch")]
    new IAsyncEnumerable<KeyList> WatchAsync(CancellationToken cancellationToken);
}
