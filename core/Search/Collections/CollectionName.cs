using OrleansChat.Core.Errors;

namespace OrleansChat.Core.Search.Collections;

/// <summary>What a collection may be called.</summary>
public static class CollectionName
{
    /// <summary>The longest name.</summary>
    public const int MaxLength = 64;

    /// <summary>Whether a name may be given: 1 to 64 of a-z, A-Z, 0-9, '-', '_' and '.', beginning with a letter or digit.</summary>
    /// <param name="name">The name.</param>
    /// <returns>Whether it may.</returns>
    public static bool IsValid(string name) =>
        name.Length is > 0 and <= MaxLength && char.IsAsciiLetterOrDigit(name[0])
        && name.All(character => char.IsAsciiLetterOrDigit(character) || character is '-' or '_' or '.');

    /// <summary>Refuses any other name.</summary>
    /// <param name="name">The name.</param>
    /// <exception cref="RequestException">The name may not be given.</exception>
    public static void Validate(string name)
    {
        if (!IsValid(name))
        {
            throw RequestException.Invalid(
                "name",
                $"A collection's name has 1 to {MaxLength} letters, digits, '-', '_' or '.', and begins with a letter or digit.",
                "Choose a name such as 'docs'.");
        }
    }
}
