using System.ComponentModel;
using System.Text;
using System.Text.Json.Serialization;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;
using OrleansChat.Core.Errors;
using OrleansChat.Core.Keys;
using OrleansChat.Core.Sessions;
using OrleansChat.Core.Turns;
using OrleansChat.GatewayApi.Draining;
using OrleansChat.GatewayApi.Sessions;
using OrleansChat.GatewayApi.Turns;

namespace OrleansChat.GatewayApi.Mcp;

/// <summary>
/// The tool <c>ask</c>: a turn of a session like any other. What has been said so far is told as progress, and a call that is cancelled cancels its turn.
/// </summary>
internal sealed class AskTool(SessionAccess sessions, TurnReader turns, DrainGate drain)
{
    /// <summary>The tool for one caller.</summary>
    public McpServerTool Create(McpCaller caller) => McpServerTool.Create(
        (
            [Description("The question.")] string question,
            RequestContext<CallToolRequestParams> request,
            [Description("The collections to look into, separated by commas; all of them without it.")] string? collections = null,
            [Description("A session to go on with; a new one without it. Answers name theirs.")] string? session_id = null,
            [Description("The model; the session's without it.")] string? model = null,
            CancellationToken cancellationToken = default) =>
            ToolAnswer.RunAsync(() => AskAsync(caller.Key, question, collections, session_id, model, request, cancellationToken)),
        new McpServerToolCreateOptions
        {
            Name = "ask",
            Title = "Ask",
            Description = "Answers a question from the indexed documents and code, with citations.",
            ReadOnly = false,
            Destructive = false,
            OpenWorld = false,
        });

    private async Task<CallToolResult> AskAsync(
        ApiKey caller,
        string question,
        string? collections,
        string? sessionId,
        string? model,
        RequestContext<CallToolRequestParams> request,
        CancellationToken cancellationToken)
    {
        drain.Enter();
        sessions.CheckModel(model, caller);
        if (string.IsNullOrWhiteSpace(question))
            throw RequestException.Invalid("question", "The question is empty.", "Ask something.");
        var id = sessionId ?? sessions.NewId();
        var session = sessions.Find(id);
        var settings = new SessionSettings
        {
            Collections = collections?.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries),
        };
        SessionAccess.CheckCollections(settings.Collections, caller);
        if (sessionId is null)
            await session.CreateAsync(caller, settings, cancellationToken);
        var turn = await session.StartTurnAsync(caller, new TurnRequest { Message = question, Model = model }, cancellationToken);
        try
        {
            return await ReadAsync(session, caller, id, turn.TurnId, request, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            await session.CancelTurnAsync(caller, turn.TurnId, CancellationToken.None);
            throw;
        }
    }

    private async Task<CallToolResult> ReadAsync(
        ISessionActor session, ApiKey caller, string id, string turnId, RequestContext<CallToolRequestParams> request, CancellationToken cancellationToken)
    {
        var text = new StringBuilder();
        var citations = new List<Citation>();
        await foreach (var entry in turns.ReadAsync(session, caller, turnId, 0, cancellationToken))
        {
            switch (entry)
            {
                case TurnStarted started:
                    await ReportAsync(started.Announcement);
                    break;
                case TurnDelta delta:
                    text.Append(delta.Text);
                    await ReportAsync(delta.Text);
                    break;
                case TurnCitation cited:
                    citations.Add(cited.Citation);
                    break;
                case TurnRestarted:
                    text.Clear();
                    citations.Clear();
                    break;
                case TurnCompleted completed:
                    return ToolAnswer.Of(text.ToString(), new Answer(id, turnId, text.ToString(), citations, completed.Model, completed.CostUsd, completed.Fallbacks));
                case TurnFailed failed:
                    throw new RequestException(failed.Problem);
            }

            // Progress only ever rises, also over a restart, so it counts events.
            Task ReportAsync(string message) => request.Params?.ProgressToken is { } token
                ? request.Server.NotifyProgressAsync(
                    token, new ProgressNotificationValue { Progress = entry.Sequence, Message = message }, cancellationToken: cancellationToken)
                : Task.CompletedTask;
        }

        throw new RequestException(Problem.Of(ProblemCode.UpstreamUnavailable, "The turn was ended before it was answered.", "Ask again."));
    }

    private sealed record Answer(string SessionId, string TurnId, string Text, IReadOnlyList<Citation> Citations, string Model, decimal CostUsd,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<string>? Fallbacks);
}
