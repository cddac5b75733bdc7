using System.Globalization;
using System.Text;
using OrleansChat.Core.Actors;
using OrleansChat.Core.Costs;
using OrleansChat.Core.Errors;
using OrleansChat.Core.Search.Code.Finding;

namespace OrleansChat.Core.Turns.Commands;

/// <summary>Answers commands, without a model and at no cost.</summary>
/// <param name="actors">The actors.</param>
/// <param name="retriever">Where passages come from.</param>
/// <param name="code">Finds symbols; null where no code is indexed.</param>
public sealed class CommandAnswers(IActorDirectory actors, IRetriever retriever, CodeSearch? code = null)
{
    private const int Limit = 10;
    private const string Nothing = "Nothing was found.";

    private const string Help = """
        - `/search WORDS` lists the passages that fit best, without a model.
        - `/code NAME OR QUESTION` finds functions and types in indexed source code.
        - `/usage` shows what your key has spent, and what is left.
        - `/help` shows this.

        Everything else is answered by the session's model.
        """;

    /// <summary>Answers a command.</summary>
    /// <param name="plan">The turn.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>The answer as Markdown, and what was found for it.</returns>
    /// <exception cref="OrleansChatException">It could not be answered.</exception>
    public async ValueTask<(string Text, Retrieval Found)> AnswerAsync(TurnPlan plan, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(plan);
        return plan.Intent.Kind switch
        {
            IntentKind.Search => await SearchAsync(plan, Words(plan), cancellationToken),
            IntentKind.Code => await CodeAsync(plan, Words(plan), cancellationToken),
            IntentKind.Usage => (await UsageAsync(plan, cancellationToken), Retrieval.None),
            _ => (Help, Retrieval.None),
        };
    }

    private static string Words(TurnPlan plan) => plan.Intent.Argument.Length > 0
        ? plan.Intent.Argument
        : throw RequestException.Invalid("message", "The command needs something to look for.", "Write it as '/search how turns survive'.");

    private async ValueTask<(string Text, Retrieval Found)> SearchAsync(TurnPlan plan, string words, CancellationToken cancellationToken)
    {
        var found = await retriever.RetrieveAsync(words, plan.Collections, Limit, plan.Payer, cancellationToken);
        var text = new StringBuilder(found.Passages.Count == 0 ? Nothing : "");
        foreach (var passage in found.Passages)
        {
            var citation = passage.Citation;
            text.Append(CultureInfo.InvariantCulture, $"[{citation.N}] {passage.Title ?? citation.Path ?? citation.DocumentId}{Lines(citation.StartLine, citation.EndLine)}\n\n{passage.Text}\n\n");
        }

        return (text.ToString().TrimEnd(), found);
    }

    private async ValueTask<(string Text, Retrieval Found)> CodeAsync(TurnPlan plan, string words, CancellationToken cancellationToken)
    {
        var hits = new List<CodeHit>();
        var used = new List<string>();
        foreach (var collection in plan.Collections ?? await actors.Collections().ListAsync(cancellationToken))
        {
            if (code is null)
                continue;
            var answer = await code.FindAsync(new CodeRequest { Collection = collection, Query = words, Limit = Limit, Payer = plan.Payer }, cancellationToken);
            hits.AddRange(answer.Hits);
            used.AddRange(answer.Fallbacks ?? []);
        }

        var text = new StringBuilder(hits.Count == 0 ? Nothing : "");
        foreach (var hit in hits.OrderByDescending(hit => hit.Score).Take(Limit))
            text.Append(CultureInfo.InvariantCulture, $"- `{hit.Signature ?? hit.Symbol}` {hit.Path ?? hit.DocumentId}{Lines(hit.StartLine, hit.EndLine)}\n");

        return (text.ToString().TrimEnd(), Retrieval.None with { Fallbacks = used });
    }

    private async ValueTask<string> UsageAsync(TurnPlan plan, CancellationToken cancellationToken)
    {
        var key = await actors.CostTracker($"key:{plan.Caller.Id}").DescribeAsync(plan.Caller.Budget, cancellationToken);
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"Key `{plan.Caller.Id}` has spent {Usd(key.SpentNanoUsd)}");
        if (key.LimitNanoUsd is { } limit)
            text.Append(CultureInfo.InvariantCulture, $" of {Usd(limit)}, {Usd(key.RemainingNanoUsd ?? 0)} are left");

        if (key.WindowEnd is { } end)
            text.Append(CultureInfo.InvariantCulture, $" until {end:yyyy-MM-dd HH:mm} UTC");

        return text.Append('.').ToString();
    }

    private static string Usd(long nano) => string.Create(CultureInfo.InvariantCulture, $"${NanoUsd.ToUsd(nano):0.00####}");

    private static string Lines(int? start, int? end) =>
        start is { } first ? string.Create(CultureInfo.InvariantCulture, $", lines {first} to {end ?? first}") : "";
}
