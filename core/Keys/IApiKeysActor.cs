using OrleansChat.Core.Errors;

namespace OrleansChat.Core.Keys;

/// <summary>The one owner of the keys that are made at run time. Every change answers with the whole list after it.</summary>
public interface IApiKeysActor
{
    /// <summary>Adds a key. A repeat with the same secret changes nothing.</summary>
    /// <param name="key">The key.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The list.</returns>
    /// <exception cref="RequestException">The id is taken, also by a key that was revoked or that settings once named; or there are too many keys.</exception>
    ValueTask<KeyList> CreateAsync(IssuedKey key, CancellationToken cancellationToken);

    /// <summary>Changes a key; the changes hold from the next request on.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="changes">What to replace.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The list.</returns>
    /// <exception cref="RequestException">There is no such key, or it was revoked.</exception>
    ValueTask<KeyList> ChangeAsync(string id, KeyChanges changes, CancellationToken cancellationToken);

    /// <summary>Gives a key a new secret; the one before stays valid for a while, and those before it as long as they would have, but no longer than that. A repeat with the same secret changes nothing.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="secretHash">The SHA-256 hash of the new secret, in base64.</param>
    /// <param name="previousUntil">Until when the secret before is valid.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The list.</returns>
    /// <exception cref="RequestException">There is no such key, or it was revoked.</exception>
    ValueTask<KeyList> RotateAsync(string id, string secretHash, DateTimeOffset previousUntil, CancellationToken cancellationToken);

    /// <summary>Ends a key for good: its id is never given again, and its ledger stays. A repeat changes nothing.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The list.</returns>
    /// <exception cref="RequestException">There is no such key.</exception>
    ValueTask<KeyList> RevokeAsync(string id, CancellationToken cancellationToken);

    /// <summary>Notes keys that come from settings, so that their ledgers are found when the settings do not name them any more.</summary>
    /// <param name="ids">Their ids.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The list.</returns>
    ValueTask<KeyList> NoteAsync(IReadOnlyList<string> ids, CancellationToken cancellationToken);

    /// <summary>The list as it is now.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The list.</returns>
    ValueTask<KeyList> ListAsync(CancellationToken cancellationToken);

    /// <summary>The list now and after every change, newest only: a slow reader skips.</summary>
    /// <param name="cancellationToken">Ends the enumeration.</param>
    /// <returns>The lists.</returns>
    IAsyncEnumerable<KeyList> WatchAsync(CancellationToken cancellationToken);
}
