namespace OrleansChat.Core.Turns;

/// <summary>A passage that was retrieved for a turn.</summary>
/// <param name="Citation">Its number and place.</param>
/// <param name="Title">Its document's title; null for none.</param>
/// <param name="Text">Its text.</param>
public sealed record Passage(Citation Citation, string? Title, string Text)
{
    /// <summary>The key of a chat call's additional properties under which an <c>IReadOnlyList&lt;Passage&gt;</c> travels to a built-in model.</summary>
    public const string PropertyName = "orleanschat.passages";
}
