using System.Buffers;
using OrleansChat.Core.Errors;
using OrleansChat.Core.Routing;
using OrleansChat.GatewayApi.OpenAI;

namespace OrleansChat.GatewayApi.Calls;

/// <summary>A call without a session, in whichever vendor's protocol: what it may use, how a target is asked, how its stream tells a failure.</summary>
internal sealed record StatelessCall
{
    /// <summary>The model as the key may use it.</summary>
    public required Model Model { get; init; }

    /// <summary>An upper bound of the input's tokens.</summary>
    public required long MaxInputTokens { get; init; }

    /// <summary>The part of <see cref="MaxInputTokens"/> that counts bytes of text; 0 where that cannot be told.</summary>
    public long InputBytes { get; init; }

    /// <summary>An upper bound of the output's tokens: the limit that is sent upstream.</summary>
    public required long MaxOutputTokens { get; init; }

    /// <summary>A close count of the input's tokens, for when the upstream reports none.</summary>
    public required Func<long> CountInput { get; init; }

    /// <summary>Asks one target.</summary>
    public required OpenCall Open { get; init; }

    /// <summary>Writes a failure into a stream that has begun; null where the answer is not streamed.</summary>
    public Action<IBufferWriter<byte>, Problem>? WriteError { get; init; }
}

/// <summary>Asks a target and waits until it has begun to answer.</summary>
/// <param name="attempt">The upstream and its model, and what is to be told when the prompt goes out.</param>
/// <param name="aborted">Cancelled when the client goes away, at any time of the answer.</param>
/// <param name="opening">Cancelled when the router's patience with the target ends; means nothing once the call is open.</param>
/// <returns>The answer.</returns>
internal delegate ValueTask<ICompletion> OpenCall(RouteAttempt attempt, CancellationToken aborted, CancellationToken opening);
