using System.Runtime.CompilerServices;
using OrleansChat.Core.Errors;
using OrleansChat.Core.Keys;
using OrleansChat.Core.Sessions;
using OrleansChat.Core.Sessions.Responses;
using OrleansChat.Core.Sessions.Search;
using OrleansChat.Core.Turns;
using OrleansChat.GrainInterfaces.Directory.Feeds;
using OrleansChat.GrainInterfaces.Sessions;

namespace OrleansChat.GrainInterfaces.Directory.References;

/// <summary>Calls <see cref="ISessionGrain"/>.</summary>
internal sealed class SessionReference(ISessionGrain grain, CallRepetition calls, TurnFeed? feed) : ISessionActor
{
    public ValueTask<SessionView> CreateAsync(ApiKey caller, SessionSettings settings, CancellationToken cancellationToken) =>
        calls.RepeatAsync(
            grain, static (target, call, token) => target.CreateAsync(call.caller, call.settings, token), (caller, settings), cancellationToken);

    public ValueTask<SessionView> ImportAsync(ApiKey caller, SessionImport exported, CancellationToken cancellationToken) =>
        calls.RepeatAsync(
            grain, static (target, call, token) => target.ImportAsync(call.caller, call.exported, token), (caller, exported), cancellationToken);

    public ValueTask<SessionView> ReadPathAsync(ApiKey caller, MessageRange range, CancellationToken cancellationToken) =>
        calls.RepeatAsync(
            grain, static (target, call, token) => target.ReadPathAsync(call.caller, call.range, token), (caller, range), cancellationToken);

    public ValueTask<SessionView> DescribeAsync(ApiKey caller, SessionScope scope, CancellationToken cancellationToken) =>
        calls.RepeatAsync(
            grain, static (target, call, token) => target.DescribeAsync(call.caller, call.scope, token), (caller, scope), cancellationToken);

    public ValueTask<SessionMatchList> QuoteAsync(ApiKey caller, SessionQuotation quotation, CancellationToken cancellationToken) =>
        calls.RepeatAsync(
            grain, static (target, call, token) => target.QuoteAsync(call.caller, call.quotation, token), (caller, quotation), cancellationToken);

    public ValueTask<SessionView> UpdateAsync(ApiKey caller, SessionChanges changes, CancellationToken cancellationToken) =>
        calls.RepeatAsync(
            grain, static (target, call, token) => target.UpdateAsync(call.caller, call.changes, token), (caller, changes), cancellationToken);

    public ValueTask DeleteAsync(ApiKey caller, CancellationToken cancellationToken) =>
        DeleteAsync((target, token) => target.DeleteAsync(caller, token), cancellationToken);

    public ValueTask<SessionView> RecordAsync(ApiKey caller, RecordedResponse response, CancellationToken cancellationToken) =>
        calls.RepeatAsync(
            grain, static (target, call, token) => target.RecordAsync(call.caller, call.response, token), (caller, response), cancellationToken);

    public ValueTask<SessionView> ReadResponseAsync(ApiKey caller, string responseId, CancellationToken cancellationToken) =>
        calls.RepeatAsync(
            grain, static (target, call, token) => target.ReadResponseAsync(call.caller, call.responseId, token), (caller, responseId), cancellationToken);

    public ValueTask DeleteResponseAsync(ApiKey caller, string responseId, CancellationToken cancellationToken) =>
        DeleteAsync((target, token) => target.DeleteResponseAsync(caller, responseId, token), cancellationToken);
    // A turn without the client's own id gets one here, so that the call can be repeated.
    public ValueTask<TurnView> StartTurnAsync(ApiKey caller, TurnRequest request, CancellationToken cancellationToken) =>
        calls.RepeatAsync(
            grain,
            static (target, call, token) => target.StartTurnAsync(call.caller, call.request, token),
            (caller, request: request with { ClientTurnId = request.ClientTurnId ?? Guid.CreateVersion7().ToString() }),
            cancellationToken);

    public ValueTask<TurnView> RegenerateAsync(ApiKey caller, string turnId, string? model, CancellationToken cancellationToken) =>
        calls.OnceAsync(
            grain,
            static (target, call, token) => target.RegenerateAsync(call.caller, call.turnId, call.model, token),
            (caller, turnId, model),
            cancellationToken);

    public ValueTask<TurnView> GetTurnAsync(ApiKey caller, string turnId, CancellationToken cancellationToken) =>
        calls.RepeatAsync(
            grain, static (target, call, token) => target.GetTurnAsync(call.caller, call.turnId, token), (caller, turnId), cancellationToken);

    public async IAsyncEnumerable<TurnEvent> ReadTurnAsync(
        ApiKey caller, string turnId, long after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var fed = feed is null ? null : await feed.OpenAsync(grain, calls, caller, turnId, after, cancellationToken);
        if (fed is not null)
        {
            await foreach (var shown in fed.Line.ReadAsync(cancellationToken))
                yield return shown;

            yield break;
        }

        var batches = new GrainEnumeration(calls).ReadAsync(
            grain,
            static (target, call, token) => target.ReadTurnBatchesAsync(call.caller, call.turnId, call.after, token),
            (caller, turnId, after),
            cancellationToken);
        await foreach (var batch in batches)
        {
            foreach (var shown in batch.Events)
                yield return shown;
        }
    }

    public ValueTask<TurnView> CancelTurnAsync(ApiKey caller, string turnId, CancellationToken cancellationToken) =>
        calls.RepeatAsync(
            grain, static (target, call, token) => target.CancelTurnAsync(call.caller, call.turnId, token), (caller, turnId), cancellationToken);

    public ValueTask RecoverAsync(CancellationToken cancellationToken) =>
        calls.RepeatAsync(grain, static (target, _, token) => target.RecoverAsync(token), true, cancellationToken);

    public ValueTask<bool> SweepAsync(CancellationToken cancellationToken) =>
        calls.RepeatAsync(grain, static (target, _, token) => target.SweepAsync(token), true, cancellationToken);

    private ValueTask DeleteAsync(Func<ISessionGrain, CancellationToken, ValueTask> delete, CancellationToken cancellationToken)
    {
        var isRepeat = false;
        return calls.RepeatAsync(grain, TryAsync, delete, cancellationToken);

        async ValueTask TryAsync(ISessionGrain target, Func<ISessionGrain, CancellationToken, ValueTask> call, CancellationToken token)
        {
            try
            {
                await call(target, token);
            }
            catch (RequestException gone) when (isRepeat && gone.Problem.Code == ProblemCode.NotFound.Name)
            {
                // The first call deleted it; only its answer was lost.
            }
            finally
            {
                isRepeat = true;
            }
        }
    }
}
