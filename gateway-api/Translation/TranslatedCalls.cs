using OrleansChat.Core.Errors;
using OrleansChat.Core.Health;
using OrleansChat.Core.Keys;
using OrleansChat.Core.Routing;
using OrleansChat.Core.Settings;
using OrleansChat.Core.Telemetry;
using OrleansChat.Core.Turns;
using OrleansChat.Core.Upstreams;
using OrleansChat.GatewayApi.OpenAI;

namespace OrleansChat.GatewayApi.Translation;

/// <summary>Asks upstreams that do not speak the client's protocol.</summary>
internal sealed class TranslatedCalls(IUpstreams upstreams, IRetriever retriever, OrleansChatOptions options, Fallbacks fallbacks)
{
    /// <summary>Whether a target answers in this process, from documents. It takes words alone, and passes over tools and pictures.</summary>
    public static bool IsBuiltin(UpstreamTarget target) => target.Upstream == UpstreamOptions.BuiltinId;

    /// <summary>Asks a target and waits for its first update.</summary>
    public async ValueTask<ICompletion> OpenAsync(
        RouteAttempt attempt, ChatPrompt prompt, TranslationTarget answer, CancellationToken aborted, CancellationToken opening)
    {
        var properties = prompt.Options.AdditionalProperties ??= [];
        properties[PromptDelivery.Property] = attempt.Prompt;
        if (IsBuiltin(attempt.Target))
        {
            var found = await RetrieveAsync(prompt, opening);
            properties[Passage.PropertyName] = found.Passages;
            answer = answer with { Fallbacks = found.Fallbacks };
        }

        return await TranslatedAnswer.OpenAsync(upstreams.Chat(attempt.Target), prompt, answer, aborted, opening);
    }

    // What answers in this process answers from documents; another kind of upstream is told what it asks for and no more.
    private async ValueTask<Retrieval> RetrieveAsync(ChatPrompt prompt, CancellationToken cancellationToken)
    {
        if (prompt.Question.Length == 0 || options.Sessions.Passages == 0)
            return Retrieval.None;
        try
        {
            var found = await retriever.RetrieveAsync(prompt.Question, prompt.Payer.Key.CollectionsOf(null), options.Sessions.Passages, prompt.Payer, cancellationToken);
            fallbacks.Leave(Fallbacks.Retrieval);
            return found;
        }
        catch (OrleansChatException fault)
        {
            fallbacks.Enter(Fallbacks.Retrieval, ErrorType.Of(fault));
            return new Retrieval([]) { Fallbacks = [Fallbacks.Retrieval] };
        }
    }
}
