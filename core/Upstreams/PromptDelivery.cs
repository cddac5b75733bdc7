namespace OrleansChat.Core.Upstreams;

/// <summary>
/// Whether an upstream can have had the prompt of a call, which it charges for even if nobody waits for the answer. Whoever sends and whoever gives the call up
/// agree here: a prompt either goes out, or is taken back and never will. Safe for concurrent use.
/// </summary>
public sealed class PromptDelivery
{
    /// <summary>The name under which it is among the additional properties of a call's options.</summary>
    public const string Property = "orleanschat.prompt";

    // Of a sender who tells nothing it has to be assumed that he has sent.
    private const int Sent = 0;
    private const int Held = 1;
    private const int Withdrawn = 2;

    private int _state = Sent;

    /// <summary>Nothing is with the upstream now: there is no connection yet, or it has said that it failed. To be followed by <see cref="TrySend"/>.</summary>
    public void Hold() => Interlocked.CompareExchange(ref _state, Held, Sent);

    /// <summary>The first byte of the prompt is about to go out.</summary>
    /// <returns>Whether it may; false where the prompt was taken back.</returns>
    public bool TrySend() => Interlocked.CompareExchange(ref _state, Sent, Held) != Withdrawn;

    /// <summary>Takes the prompt back, if it has not gone out.</summary>
    /// <returns>Whether the upstream has not had it and never will, however often it is asked.</returns>
    public bool TryWithdraw() => Interlocked.CompareExchange(ref _state, Withdrawn, Held) != Sent;
}
