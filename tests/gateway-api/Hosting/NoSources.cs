using OrleansChat.Core.Turns;

namespace OrleansChat.GatewayApi.Tests.Hosting;

/// <summary>A retriever over no documents at all.</summary>
internal sealed class NoSources : IRetriever
{
    public ValueTask<bool> HasSourcesAsync(IReadOnlyList<string>? collections, CancellationToken cancellationToken) => ValueTask.FromResult(false);

    public ValueTask<IReadOnlyList<Passage>> RetrieveAsync(
        string query, IReadOnlyList<string>? collections, int limit, CancellationToken cancellationToken) => ValueTask.FromResult<IReadOnlyList<Passage>>([]);
}
