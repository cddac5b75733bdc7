using OrleansChat.Core.Keys;

namespace OrleansChat.GatewayApi.Sockets;

/// <summary>Answers search frames.</summary>
internal interface ISocketSearch
{
    /// <summary>Searches, and sends the hits.</summary>
    ValueTask AnswerAsync(SearchFrame frame, ApiKey caller, SocketWriter writer, CancellationToken cancellationToken);
}
