namespace OrleansChat.Core.Sessions;

/// <summary>Who a message is from, as <see cref="SessionMessage.Role"/> names it.</summary>
public static class MessageRole
{
    /// <summary>The person, or the program that asks.</summary>
    public const string User = "user";

    /// <summary>The model.</summary>
    public const string Assistant = "assistant";
}
