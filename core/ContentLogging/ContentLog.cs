using Microsoft.Extensions.Logging;
using OrleansChat.Core.Keys;

namespace OrleansChat.Core.ContentLogging;

/// <summary>
/// The log of what was asked and answered. It has a category of its own and is written at level <see cref="LogLevel.Trace"/> for keys that ask for it, and
/// for no other: whatever level the rest of the log has.
/// </summary>
public sealed partial class ContentLog
{
    /// <summary>The category of every line with content, and of no other line.</summary>
    public const string Category = "OrleansChat.Content";

    /// <summary>The most of one text that a line holds, in characters.</summary>
    public const int MostCharacters = 64 * 1024;

    private readonly ILogger _logger;
    private readonly SecretRedaction _redaction;

    /// <summary>Makes the log.</summary>
    /// <param name="loggers">Makes the category.</param>
    /// <param name="redaction">Takes secrets out.</param>
    public ContentLog(ILoggerFactory loggers, SecretRedaction redaction)
    {
        _logger = loggers.CreateLogger(Category);
        _redaction = redaction;
    }

    /// <summary>Whether a key's content is written at all; ask first where the text has yet to be made.</summary>
    /// <param name="key">The key that pays.</param>
    /// <returns>Whether it is.</returns>
    public bool IsOn(ApiKey key)
    {
        ArgumentNullException.ThrowIfNull(key);
        return key.LogContent && _logger.IsEnabled(LogLevel.Trace);
    }

    /// <summary>Writes what was asked, if the key asks for it.</summary>
    /// <param name="key">The key that pays.</param>
    /// <param name="subject">What it belongs to.</param>
    /// <param name="text">The text.</param>
    public void Asked(ApiKey key, ContentSubject subject, string text)
    {
        if (IsOn(key))
            LogAsked(key.Id, subject.Operation, subject.Id, subject.Session, Fit(text));
    }

    /// <summary>Writes what was answered, if the key asks for it.</summary>
    /// <param name="key">The key that pays.</param>
    /// <param name="subject">What it belongs to.</param>
    /// <param name="text">The text.</param>
    public void Answered(ApiKey key, ContentSubject subject, string text)
    {
        if (IsOn(key))
            LogAnswered(key.Id, subject.Operation, subject.Id, subject.Session, Fit(text));
    }

    // Redacted before it is cut: half a secret would not be known for one.
    private string Fit(string text)
    {
        var redacted = _redaction.Redact(text);
        return redacted.Length <= MostCharacters ? redacted : $"{redacted.AsSpan(0, MostCharacters)}… ({redacted.Length - MostCharacters} characters more)";
    }

    [LoggerMessage(430, LogLevel.Trace, "Key {Key} asked in {Operation} {Id} of session {Session}: {Content}")]
    private partial void LogAsked(string key, string operation, string id, string? session, string content);

    [LoggerMessage(431, LogLevel.Trace, "Key {Key} was answered in {Operation} {Id} of session {Session}: {Content}")]
    private partial void LogAnswered(string key, string operation, string id, string? session, string content);
}

/// <summary>What a text belongs to.</summary>
/// <param name="Operation"><c>turn</c>, or the route of a stateless call.</param>
/// <param name="Id">The turn's id, or the request's correlation id.</param>
/// <param name="Session">The session of a turn; null for a stateless call.</param>
public readonly record struct ContentSubject(string Operation, string Id, string? Session = null);
