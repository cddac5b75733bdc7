namespace OrleansChat.GatewayApi.Streams;

/// <summary>The client has not read a frame in the time that it had.</summary>
/// <param name="isOnItsWay">Whether the frame is still being sent, so that the client gets it if it reads on; otherwise it was not begun.</param>
internal sealed class SlowReaderException(bool isOnItsWay) : IOException("The client reads too slowly.")
{
    /// <summary>Whether the frame is still being sent.</summary>
    public bool IsOnItsWay => isOnItsWay;
}
