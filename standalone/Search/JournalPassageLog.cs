using System.Runtime.CompilerServices;
using OrleansChat.Core.Errors;
using OrleansChat.Core.Search.Stores;
using OrleansChat.Standalone.Journal;

namespace OrleansChat.Standalone.Search;

/// <summary>Documents of collections as records of the journal, under <c>passages/</c>.</summary>
/// <param name="journal">The journal.</param>
/// <param name="maxValueBytes">The longest value that the journal takes.</param>
internal sealed class JournalPassageLog(Journal.Journal journal, int maxValueBytes) : IPassageLog
{
    private const string Prefix = "passages/";

    public int MaxValueBytes => maxValueBytes;

    public async ValueTask WriteAsync(string key, ReadOnlyMemory<byte> value)
    {
        try
        {
            await journal.PutAsync(Prefix + key, value, expectedVersion: null, CancellationToken.None);
        }
        catch (JournalException failure)
        {
            throw new StorageException("The journal could not take the document.", failure);
        }
    }

    public async ValueTask DeleteAsync(string key)
    {
        try
        {
            await journal.DeleteAsync(Prefix + key, expectedVersion: null, CancellationToken.None);
        }
        catch (JournalException failure)
        {
            throw new StorageException("The journal could not take the deletion.", failure);
        }
    }

    public async IAsyncEnumerable<KeyValuePair<string, ReadOnlyMemory<byte>>> ReadAllAsync(
        string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var values = journal.ReadAllAsync(Prefix + prefix, cancellationToken).GetAsyncEnumerator(cancellationToken);
        while (await MoveNextAsync(values))
            yield return new(values.Current.Key[Prefix.Length..], values.Current.Value.Bytes);
    }

    private static async ValueTask<bool> MoveNextAsync(IAsyncEnumerator<KeyValuePair<string, JournalValue>> values)
    {
        try
        {
            return await values.MoveNextAsync();
        }
        catch (JournalException failure)
        {
            throw new StorageException("The journal could not read a document.", failure);
        }
    }
}
