using OrleansChat.Core.Search.Metering;
using OrleansChat.Core.Turns;

namespace OrleansChat.Contract.Tests.Sessions;

/// <summary>A product without collections.</summary>
public sealed class NoSources : IRetriever
{
    public ValueTask<bool> HasSourcesAsync(IReadOnlyList<string>? collections, CancellationToken cancellationToken) => ValueTask.FromResult(false);

    public ValueTask<Retrieval> RetrieveAsync(
        string query, IReadOnlyList<string>? collections, int limit, SearchPayer payer, CancellationToken cancellationToken) =>
        ValueTask.FromResult(Retrieval.None);
}
