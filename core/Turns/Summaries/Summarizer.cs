using OrleansChat.Core.Errors;
using OrleansChat.Core.Routing;
using OrleansChat.Core.Settings;
using OrleansChat.Core.Turns.Context;
using OrleansChat.Core.Turns.Streaming;
using OrleansChat.Core.Upstreams;

namespace OrleansChat.Core.Turns.Summaries;

/// <summary>
/// Lets a model summarise the beginning of its own conversation. It is an upstream call like any other: admitted by all limits and
/// budgets of its caller, and settled as an operation of its own.
/// </summary>
/// <param name="router">Finds a healthy upstream.</param>
/// <param name="upstreams">The upstreams' clients.</param>
/// <param name="admission">Limits and budgets.</param>
/// <param name="time">The clock.</param>
public sealed class Summarizer(IRouter router, IUpstreams upstreams, TurnAdmission admission, TimeProvider time)
{
    /// <summary>Tokens of a summary at most: a page of text.</summary>
    private const int MaxTokens = 800;

    /// <summary>Characters of a summary at most, whatever the upstream says: it is stored with each write of its session.</summary>
    private const int MaxCharacters = 20 * MaxTokens;

    /// <summary>The part of a small window that a summary takes at most.</summary>
    private const int WindowShare = 6;

    /// <summary>Writes a summary.</summary>
    /// <param name="work">What it is of.</param>
    /// <param name="events">The session; shown nothing, given signs of life.</param>
    /// <param name="stop">Stops the upstream call at once; what it used is settled all the same.</param>
    /// <returns>The summary; null where there is nothing to write or no model that can.</returns>
    /// <exception cref="OrleansChatException">A limit or a budget refused it, or the upstream failed.</exception>
    public async Task<ConversationSummary?> WriteAsync(SummaryWork work, ITurnEvents events, CancellationToken stop)
    {
        if (Writer(work.Plan.Model) is not { } model)
            return null;

        if (await SummaryText.GatherAsync(work, ContextWindow.Of(model)) is not { } text)
            return null;

        var plan = work.Plan with { TurnId = $"{work.Plan.TurnId}/summary", Model = model, InputTokens = Math.Min(model.ContextTokens, text.UpperBound) };
        var grant = await admission.AdmitAsync(plan, stop);
        var result = await new UpstreamAttempt(router, upstreams, admission, time, plan, 1, text.Context, events, MaxCharacters).RunAsync(model, grant, stop);
        if (result.Failure is { } failure)
            throw failure;

        return result.IsCancelled || string.IsNullOrWhiteSpace(result.Text) ? null : new ConversationSummary(result.Text.Trim(), text.LastMessageId);
    }

    /// <summary>The model as it writes summaries; null where its route has no language model.</summary>
    private static Model? Writer(Model model)
    {
        IReadOnlyList<UpstreamTarget> route = [.. model.Route.Where(target => target.Upstream != UpstreamOptions.BuiltinId)];
        var tokens = (int)Math.Min(MaxTokens, Math.Min(model.MaxOutputTokens, ContextWindow.Of(model).Input / WindowShare));
        return route.Count == 0 ? null : model with { Route = route, MaxOutputTokens = tokens };
    }
}
