using OrleansChat.Core.Errors;
using OrleansChat.Core.Search.Metering;

namespace OrleansChat.Core.Turns;

/// <summary>Finds the passages that a turn answers from.</summary>
public interface IRetriever
{
    /// <summary>Whether there is anything to search, so that a turn without sources announces no search and reserves nothing for passages.</summary>
    /// <param name="collections">The collections; null for all.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Whether at least one of them exists.</returns>
    ValueTask<bool> HasSourcesAsync(IReadOnlyList<string>? collections, CancellationToken cancellationToken);

    /// <summary>The best passages for a query.</summary>
    /// <param name="query">What is asked.</param>
    /// <param name="collections">The collections; null for all.</param>
    /// <param name="limit">Passages at most, at least 1.</param>
    /// <param name="payer">Who pays for the models that the search asks.</param>
    /// <param name="cancellationToken">Stops the search.</param>
    /// <returns>What was found.</returns>
    /// <exception cref="OrleansChatException">The search failed; a turn then goes on without passages.</exception>
    ValueTask<Retrieval> RetrieveAsync(
        string query, IReadOnlyList<string>? collections, int limit, SearchPayer payer, CancellationToken cancellationToken);
}
