using OrleansChat.Core.Upstreams;

namespace OrleansChat.Core.Search.Metering;

/// <summary>A call to a model that search is about to make.</summary>
/// <typeparam name="T">The answer.</typeparam>
/// <param name="Target">The upstream and its model.</param>
/// <param name="Operation">What it is asked to do: a <see cref="Routing.ModelOperation"/>.</param>
/// <param name="Bytes">The bytes of the texts, as often as the model reads them; each is a token at most.</param>
/// <param name="Count">A close count of the tokens, for when the upstream reports none.</param>
/// <param name="Ask">Asks, and tells what was used as soon as that is known; what it does not tell by its end was asked and answered in one piece.</param>
internal sealed record SearchCall<T>(
    UpstreamTarget Target, string Operation, long Bytes, Func<long> Count, Func<CallUsage, CancellationToken, Task<T>> Ask);
