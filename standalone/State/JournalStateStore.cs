using OrleansChat.Core.Errors;
using OrleansChat.Standalone.Journal;

namespace OrleansChat.Standalone.State;

/// <summary>Keeps states in the journal. Its versions are the states' versions.</summary>
internal sealed class JournalStateStore(Journal.Journal journal) : IStateStore
{
    public async ValueTask<StoredState?> ReadAsync(string key, CancellationToken cancellationToken)
    {
        try
        {
            return await journal.ReadAsync(key, cancellationToken) is { } value ? new StoredState(value.Bytes, value.Version) : null;
        }
        catch (JournalException fault)
        {
            throw new StorageException("State could not be read from the journal.", fault);
        }
    }

    public async ValueTask<long> WriteAsync(string key, ReadOnlyMemory<byte> value, long expectedVersion, CancellationToken cancellationToken)
    {
        if (value.Length > journal.MaxValueBytes)
        {
            throw new RequestException(Problem.Of(
                ProblemCode.TooLarge, $"That takes {value.Length} bytes to keep; at most {journal.MaxValueBytes} can be.", "Send less at once."));
        }

        try
        {
            return await journal.PutAsync(key, value, expectedVersion, cancellationToken);
        }
        catch (JournalException fault)
        {
            throw new StorageException("State could not be written to the journal.", fault);
        }
    }

    public async ValueTask DeleteAsync(string key, long expectedVersion, CancellationToken cancellationToken)
    {
        try
        {
            await journal.DeleteAsync(key, expectedVersion, cancellationToken);
        }
        catch (JournalException fault)
        {
            throw new StorageException("State could not be removed from the journal.", fault);
        }
    }
}
