using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using OrleansChat.Core.Actors;
using OrleansChat.Core.Sessions.Paging;

namespace OrleansChat.Core.Sessions.Search;

/// <summary>
/// Brings what was said in a session to the lists that it is searched by: its owner's and, while it is shared, its team's. The head says how far each list
/// is, so what a fault or a crash keeps from it follows later.
/// </summary>
internal sealed partial class ConversationIndexing(SessionStore store, SessionLife life, IActorContext context, bool isEnabled, ILogger logger)
{
    private const int BatchTurns = 16;
    private const int BatchCharacters = 16_384;

    /// <summary>Characters of a turn that can be searched: a page with a longer one could not be stored.</summary>
    private const int MaxTurnCharacters = 1_000_000;

    private Task _work = Task.CompletedTask;

    private SessionState Head => store.Head;

    private PagedLog<StoredMessage> Log => store.Messages.Log;

    private bool IsBehind =>
        isEnabled && Head is { Owner: not null, Deleting: false }
        && (Head.IndexedForOwner != Log.Tail || (Head.SharedWith is not null && Head.IndexedForTeam != Log.Tail));

    /// <summary>Brings the lists up to date, beside whatever else happens.</summary>
    public void Begin()
    {
        if (IsBehind)
            _work = FinishAsync(RunAsync(_work));
    }

    /// <summary>Brings the lists up to date, durably.</summary>
    public Task CatchUpAsync()
    {
        if (!IsBehind)
            return _work;

        var run = RunAsync(_work);
        _work = FinishAsync(run);
        return run;
    }

    /// <summary>Takes a turn out of the lists, durably.</summary>
    /// <param name="messageId">Its answer.</param>
    public async ValueTask ForgetAsync(string messageId)
    {
        await _work;
        var forgotten = new ConversationTurnList([new ConversationTurn(messageId, "")]);
        if (Head.IndexedForOwner != default)
            await Owners.PutTurnsAsync(SessionViews.Line(store), forgotten, CancellationToken.None);

        if (Head.SharedWith is { } team && Head.IndexedForTeam != default)
            await Teams(team).PutTurnsAsync(SessionViews.Line(store), forgotten, CancellationToken.None);
    }

    /// <summary>Completes when nothing is under way. It never fails.</summary>
    public Task SettleAsync() => _work;

    private ISessionIndexActor Owners => context.Actors.SessionIndex(Head.Owner!);

    private ISessionIndexActor Teams(string team) => context.Actors.SessionIndex(SessionLists.OfTeam(team));

    private async Task FinishAsync(Task run)
    {
        try
        {
            await run;
        }
        catch (Exception fault)
        {
            LogNotIndexed(store.Id, fault);
            await LookAgainAsync();
        }
    }

    private async Task LookAgainAsync()
    {
        try
        {
            await life.LookSoonAsync(CancellationToken.None);
        }
        catch (Exception fault)
        {
            LogNotScheduled(store.Id, fault);
        }
    }

    private async Task RunAsync(Task before)
    {
        await before;
        if (!IsBehind)
            return;

        await PutAsync(Owners, Head.IndexedForOwner, reached => Head.IndexedForOwner = reached);
        if (Head.SharedWith is { } team)
        {
            // Shared no more, it is taken off the team's list as soon as this has ended.
            await PutAsync(Teams(team), Head.IndexedForTeam, reached => Head.IndexedForTeam = Head.SharedWith == team ? reached : default);
        }

        await store.FlushAsync();
    }

    private async ValueTask PutAsync(ISessionIndexActor list, PageTail from, Action<PageTail> reach)
    {
        var batch = new List<ConversationTurn>();
        var characters = 0;
        var reached = from;
        await foreach (var (turn, end) in TurnsAfterAsync(from))
        {
            reached = end;
            if (turn is null)
                continue;

            batch.Add(turn);
            characters += turn.Text.Length;
            if (batch.Count < BatchTurns && characters < BatchCharacters)
                continue;

            await list.PutTurnsAsync(SessionViews.Line(store), new ConversationTurnList([.. batch]), CancellationToken.None);
            reach(reached);
            batch.Clear();
            characters = 0;
        }

        if (batch.Count > 0)
            await list.PutTurnsAsync(SessionViews.Line(store), new ConversationTurnList(batch), CancellationToken.None);

        reach(reached);
    }

    /// <summary>The turns behind a place in the log, each with the place behind it: a question with the answer that came with it, or either alone.</summary>
    private async IAsyncEnumerable<(ConversationTurn? Turn, PageTail End)> TurnsAfterAsync(
        PageTail from, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        SessionMessage? question = null;
        var end = from;
        await foreach (var stored in Log.ReadAfterAsync(from, cancellationToken))
        {
            var message = stored.Message;
            var start = end;
            end = end.After(Log.Limits, MessageTree.SizeOf(stored));
            var answers = question is not null && message.Role == MessageRole.Assistant && message.ParentId == question.Id;
            if (question is not null && !answers)
                yield return (TurnOf(question, null), start);

            if (message.Role == MessageRole.Assistant)
                yield return (TurnOf(message, answers ? question : null), end);

            question = message.Role == MessageRole.Assistant ? null : message;
        }

        if (question is not null)
            yield return (TurnOf(question, null), end);
    }

    private ConversationTurn? TurnOf(SessionMessage message, SessionMessage? question)
    {
        var text = question is null ? message.Content : $"{question.Content}\n\n{message.Content}";
        return text.Length == 0 || Head.DeletedResponses.Contains(message.ResponseId ?? "")
            ? null
            : new ConversationTurn(message.Id, text.Length > MaxTurnCharacters ? text[..MaxTurnCharacters] : text);
    }

    [LoggerMessage(312, LogLevel.Warning, "What was said in session {Session} cannot be searched yet; another attempt follows in a minute")]
    private partial void LogNotIndexed(string session, Exception fault);

    [LoggerMessage(313, LogLevel.Warning, "What was said in session {Session} cannot be searched before its next use")]
    private partial void LogNotScheduled(string session, Exception fault);
}
