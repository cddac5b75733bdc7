using Microsoft.Extensions.AI;
using OrleansChat.Core.Keys;
using OrleansChat.Core.Search.Metering;

namespace OrleansChat.GatewayApi.Translation;

/// <summary>A request in nobody's protocol: what is left when it is to be put in another vendor's terms.</summary>
/// <param name="Messages">The conversation.</param>
/// <param name="Options">Tools, sampling and the form of the answer.</param>
internal sealed record ChatPrompt(IReadOnlyList<ChatMessage> Messages, ChatOptions Options)
{
    /// <summary>Who pays for what is looked up before it is answered.</summary>
    public SearchPayer Payer { get; init; } = SearchPayer.System;

    /// <summary>Who pays where a request that has been admitted looks something up.</summary>
    public static SearchPayer PayerOf(ApiKey caller) => new(caller) { IsPartOfRequest = true };

    /// <summary>The text of the user's last message; empty when there is none.</summary>
    public string Question => Messages.LastOrDefault(message => message.Role == ChatRole.User)?.Text ?? "";
}
