using OrleansChat.Core.Search.Metering;
using OrleansChat.Core.Turns;

namespace OrleansChat.Core.Tests.Turns;

/// <summary>Finds what a test put there.</summary>
internal sealed class ScriptedRetriever : IRetriever
{
    public IReadOnlyList<Passage> Passages { get; set; } = [];

    public Exception? Fault { get; set; }

    public IReadOnlyList<string>? LastCollections { get; private set; }

    public ValueTask<bool> HasSourcesAsync(IReadOnlyList<string>? collections, CancellationToken cancellationToken) =>
        ValueTask.FromResult(Passages.Count > 0 || Fault is not null);

    public ValueTask<Retrieval> RetrieveAsync(
        string query, IReadOnlyList<string>? collections, int limit, SearchPayer payer, CancellationToken cancellationToken)
    {
        LastCollections = collections;
        return Fault is null ? ValueTask.FromResult(new Retrieval(Passages)) : ValueTask.FromException<Retrieval>(Fault);
    }
}
