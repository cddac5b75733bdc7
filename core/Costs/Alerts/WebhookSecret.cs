using System.Text;

namespace OrleansChat.Core.Costs.Alerts;

/// <summary>The secret of a webhook's signature, as Standard Webhooks (https://www.standardwebhooks.com) writes it.</summary>
public static class WebhookSecret
{
    private const string Prefix = "whsec_";

    /// <summary>The bytes of a secret.</summary>
    /// <param name="text">The secret: base64 after <c>whsec_</c>, any other text for its UTF-8 bytes.</param>
    /// <param name="key">The bytes.</param>
    /// <returns>Whether it could be read.</returns>
    public static bool TryRead(string text, out byte[] key)
    {
        if (!text.StartsWith(Prefix, StringComparison.Ordinal))
        {
            key = Encoding.UTF8.GetBytes(text);
            return true;
        }

        var base64 = text[Prefix.Length..];
        var buffer = new byte[base64.Length];
        var isBase64 = Convert.TryFromBase64String(base64, buffer, out var length) && length > 0;
        key = buffer[..length];
        return isBase64;
    }
}
