namespace OrleansChat.Core.Turns.Commands;

/// <summary>What a message wants.</summary>
/// <param name="Kind">What is wanted.</param>
/// <param name="Confidence">How sure that is, above 0 and at most 1; a command is certain.</param>
/// <param name="Argument">What follows a command; empty for nothing.</param>
public sealed record Intent(IntentKind Kind, double Confidence, string Argument = "")
{
    /// <summary>A question to the model, as everything is that reads like nothing else.</summary>
    public static readonly Intent Question = new(IntentKind.Answer, 1);

    /// <summary>Whether this server answers by itself, without a model: only where the message says so itself.</summary>
    public bool IsCommand => Kind != IntentKind.Answer && Confidence >= 1;
}

/// <summary>The kinds of intents.</summary>
public enum IntentKind
{
    /// <summary>The model answers.</summary>
    Answer,

    /// <summary><c>/search WORDS</c>: passages are listed.</summary>
    Search,

    /// <summary><c>/code WORDS</c>: symbols are listed.</summary>
    Code,

    /// <summary><c>/usage</c>: what the key has spent.</summary>
    Usage,

    /// <summary><c>/help</c>: what can be asked for.</summary>
    Help,
}
