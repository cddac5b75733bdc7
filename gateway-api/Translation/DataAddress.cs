using Microsoft.Extensions.AI;
using OrleansChat.Core.Errors;

namespace OrleansChat.GatewayApi.Translation;

/// <summary>An attachment by its address: the data itself, or where an upstream finds it.</summary>
internal static class DataAddress
{
    /// <summary>Reads an address.</summary>
    /// <param name="field">Where it stands, for the fault.</param>
    /// <param name="address">A <c>data:</c> URL with base64, or one of <c>http</c> or <c>https</c>.</param>
    /// <param name="mediaType">The type of what is found at an address, such as <c>image/*</c>.</param>
    /// <exception cref="RequestException">It is neither.</exception>
    public static AIContent Read(string field, string? address, string mediaType)
    {
        if (address?.StartsWith("data:", StringComparison.OrdinalIgnoreCase) is true)
            return ReadData(field, address);
        return Uri.TryCreate(address, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https"
            ? new UriContent(uri!, mediaType)
            : throw Refuse(field);
    }

    /// <summary>Reads data that is already base64.</summary>
    /// <exception cref="RequestException">It is not, or the media type is none.</exception>
    public static DataContent ReadBase64(string field, string? mediaType, string? base64) => ReadData(field, $"data:{mediaType};base64,{base64}");

    private static DataContent ReadData(string field, string address)
    {
        try
        {
            var data = new DataContent(address);

            // The text is decoded only when it is asked for, and would fail then.
            return data.Data.Length >= 0 ? data : throw Refuse(field);
        }
        catch (Exception fault) when (fault is ArgumentException or FormatException or UriFormatException)
        {
            throw Refuse(field);
        }
    }

    private static RequestException Refuse(string field) =>
        RequestException.Invalid(field, $"'{field}' must be a 'data:' URL in base64, or an address of http or https.");
}
