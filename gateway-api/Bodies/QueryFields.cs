using System.Globalization;
using Microsoft.AspNetCore.Http;
using OrleansChat.Core.Errors;

namespace OrleansChat.GatewayApi.Bodies;

/// <summary>Reads the parameters of a query string; a wrong one is a problem that names it.</summary>
internal static class QueryFields
{
    /// <summary>A text; null when absent.</summary>
    public static string? Text(this IQueryCollection query, string name, int maxLength)
    {
        var text = Single(query, name);
        if (text?.Length > maxLength)
            throw RequestException.Invalid(name, $"'{name}' must have at most {maxLength} characters.");
        return text;
    }

    /// <summary>A whole number in a range; null when absent.</summary>
    public static long? Whole(this IQueryCollection query, string name, long min, long max)
    {
        if (Single(query, name) is not { } text)
            return null;
        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= min && number <= max
            ? number
            : throw RequestException.Invalid(name, $"'{name}' must be a whole number from {min} to {max}.");
    }

    /// <summary>True or false; null when absent.</summary>
    public static bool? Flag(this IQueryCollection query, string name) => Single(query, name) switch
    {
        null => null,
        "true" => true,
        "false" => false,
        _ => throw RequestException.Invalid(name, $"'{name}' must be true or false."),
    };

    /// <summary>One of a few words; the first one when absent, which may be empty.</summary>
    public static string Word(this IQueryCollection query, string name, params ReadOnlySpan<string> words)
    {
        if (Single(query, name) is not { } text)
            return words[0];
        return words.Contains(text)
            ? text
            : throw RequestException.Invalid(name, $"'{name}' must be one of '{string.Join("', '", words[0].Length == 0 ? words[1..] : words)}'.");
    }

    private static string? Single(IQueryCollection query, string name)
    {
        var values = query[name];
        if (values.Count > 1)
            throw RequestException.Invalid(name, $"'{name}' must be given once.");
        return values is [{ Length: > 0 } value] ? value : null;
    }
}
