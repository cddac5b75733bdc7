using Microsoft.Extensions.AI;

namespace OrleansChat.GatewayApi.Translation;

/// <summary>A request in nobody's protocol: what is left when it is to be put in another vendor's terms.</summary>
/// <param name="Messages">The conversation.</param>
/// <param name="Options">Tools, sampling and the form of the answer.</param>
internal sealed record ChatPrompt(IReadOnlyList<ChatMessage> Messages, ChatOptions Options)
{
    /// <summary>The text of the user's last message; empty when there is none.</summary>
    public string Question => Messages.LastOrDefault(message => message.Role == ChatRole.User)?.Text ?? "";
}
