namespace OrleansChat.Standalone.Actors;

/// <summary>A call that waits for its activation.</summary>
/// <typeparam name="TActor">The actor class.</typeparam>
internal interface IQueuedCall<TActor>
    where TActor : class
{
    /// <summary>Whether it may run beside another call.</summary>
    bool Interleaves { get; }

    /// <summary>Runs the call. Inside the activation's mailbox only.</summary>
    /// <param name="activation">The activation.</param>
    void Start(Activation<TActor> activation);

    /// <summary>Ends the call with a failure to activate.</summary>
    /// <param name="fault">The failure.</param>
    void Fail(Exception fault);
}
