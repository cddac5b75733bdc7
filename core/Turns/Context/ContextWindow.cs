using OrleansChat.Core.Routing;

namespace OrleansChat.Core.Turns.Context;

/// <summary>How a model's window is shared out.</summary>
/// <param name="Input">Tokens of the whole input, as <see cref="TokenEstimate.Count"/> counts them.</param>
/// <param name="Passages">The part of them that passages may take.</param>
/// <param name="Output">Tokens of the answer, sent upstream as its limit.</param>
internal sealed record ContextWindow(long Input, long Passages, int Output)
{
    /// <summary>The estimate is close, not exact: a tenth of the window stays free for its error.</summary>
    private const int MarginShare = 10;

    /// <summary>Passages take a quarter of the input at most, so that the conversation itself is never crowded out.</summary>
    private const int PassageShare = 4;

    /// <summary>The window of a model. An answer gets at most half of it.</summary>
    public static ContextWindow Of(Model model)
    {
        var output = Math.Min(model.MaxOutputTokens, model.ContextTokens / 2);
        var input = model.ContextTokens - output - (model.ContextTokens / MarginShare);
        return new ContextWindow(input, input / PassageShare, output);
    }
}
