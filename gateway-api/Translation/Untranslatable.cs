using OrleansChat.Core.Errors;

namespace OrleansChat.GatewayApi.Translation;

/// <summary>What has no form in the protocol of the model's upstream, and may not be left out in silence.</summary>
internal static class Untranslatable
{
    /// <summary>Refuses a field.</summary>
    /// <param name="field">The field.</param>
    /// <param name="remedy">What to send instead; null for nothing in particular.</param>
    public static RequestException Refuse(string field, string? remedy = null) => RequestException.Invalid(
        field,
        $"The upstream of this model speaks another protocol, in which '{field}' cannot be said.",
        remedy ?? $"Leave '{field}' out, or choose another model.");
}
