using OrleansChat.Core.Errors;
using OrleansChat.GatewayApi.Bodies;
using OrleansChat.GatewayApi.Sessions;

namespace OrleansChat.GatewayApi.SimpleChat;

/// <summary>The body of <c>POST /chat</c>, in any of its versions.</summary>
/// <param name="Version">The version.</param>
/// <param name="Message">The user's message.</param>
/// <param name="SessionId">The session; null for a new one.</param>
/// <param name="OptimizationHints">How to answer; null in a version that takes none.</param>
internal sealed record SimpleChatBody(SimpleChatVersion Version, string Message, string? SessionId, OptimizationHints? OptimizationHints) : IBody<SimpleChatBody>
{
    private const string VersionField = "api_version";

    public static SimpleChatBody Read(Fields fields, BodyLimits limits)
    {
        var name = fields.Text(VersionField, SessionRules.MaxId);
        if (SimpleChatVersion.Find(name) is not { } version)
        {
            throw RequestException.Invalid(
                VersionField, $"Version '{name}' is not known.", $"Use one of: {string.Join(", ", SimpleChatVersion.All.Select(known => known.Name))}.");
        }

        var sessionId = fields.Text("session_id", SessionRules.MaxId);
        if (sessionId is not null && !SessionAccess.IsId(sessionId))
            fields.Fault("session_id", "must be 1 to 100 letters, digits, '-' or '_'");
        return new(
            version,
            fields.RequiredText("message", limits.MaxMessageCharacters),
            sessionId,
            version.TakesHints && fields.Object("optimization_hints") is { } hints ? SimpleChat.OptimizationHints.Read(hints) : null);
    }
}

/// <summary>How an answer is to be made.</summary>
/// <param name="Model">The model; null to choose by <paramref name="Prefer"/>.</param>
/// <param name="Prefer"><c>cost</c>: the cheapest model; <c>default</c>: the default one.</param>
internal sealed record OptimizationHints(string? Model, string? Prefer)
{
    /// <summary>The cheapest model.</summary>
    public const string Cost = "cost";

    public static OptimizationHints Read(Fields fields) => new(
        fields.Text("model", SessionRules.MaxModel),
        fields.Word("prefer", "default", Cost));
}
