namespace OrleansChat.GatewayApi.Caching;

/// <summary>What a request's answer cost: a feature of the request, for whoever keeps the answer.</summary>
/// <param name="NanoUsd">Nano-dollars, once they are booked; null where they could not be. Does not fail.</param>
internal sealed record AnswerCost(Task<long?> NanoUsd);

/// <summary>A feature of a request whose answer is kept, for which somebody waits until it is booked.</summary>
internal sealed class AwaitedBooking
{
    /// <summary>The only one.</summary>
    public static readonly AwaitedBooking Instance = new();
}
