namespace OrleansChat.Core.Settings;

/// <summary>Marks settings that may be written as a single text instead of an object: the text sets the named property.</summary>
/// <param name="property">The property's name; it holds text.</param>
[AttributeUsage(AttributeTargets.Class)]
public sealed class ShorthandAttribute(string property) : Attribute
{
    /// <summary>The property's name.</summary>
    public string Property { get; } = property;
}
