using OrleansChat.Core.Keys;
using OrleansChat.Core.Sessions;
using OrleansChat.Core.Sessions.Responses;
using OrleansChat.Core.Sessions.Search;
using OrleansChat.Core.Turns;

namespace OrleansChat.Contract.Tests.Sessions;

/// <summary>The session of whichever host runs now.</summary>
internal sealed class CurrentSession(Func<ISessionHost> host, string id) : ISessionActor
{
    private ISessionActor Now => host().Actors.Session(id);

    public ValueTask<SessionView> CreateAsync(ApiKey caller, SessionSettings settings, CancellationToken cancellationToken) =>
        Now.CreateAsync(caller, settings, cancellationToken);

    public ValueTask<SessionView> ImportAsync(ApiKey caller, SessionImport exported, CancellationToken cancellationToken) =>
        Now.ImportAsync(caller, exported, cancellationToken);

    public ValueTask<SessionView> ReadPathAsync(ApiKey caller, MessageRange range, CancellationToken cancellationToken) =>
        Now.ReadPathAsync(caller, range, cancellationToken);

    public ValueTask<SessionView> DescribeAsync(ApiKey caller, SessionScope scope, CancellationToken cancellationToken) =>
        Now.DescribeAsync(caller, scope, cancellationToken);

    public ValueTask<SessionMatchList> QuoteAsync(ApiKey caller, SessionQuotation quotation, CancellationToken cancellationToken) =>
        Now.QuoteAsync(caller, quotation, cancellationToken);

    public ValueTask<SessionView> UpdateAsync(ApiKey caller, SessionChanges changes, CancellationToken cancellationToken) =>
        Now.UpdateAsync(caller, changes, cancellationToken);

    public ValueTask DeleteAsync(ApiKey caller, CancellationToken cancellationToken) => Now.DeleteAsync(caller, cancellationToken);

    public ValueTask<SessionView> RecordAsync(ApiKey caller, RecordedResponse response, CancellationToken cancellationToken) =>
        Now.RecordAsync(caller, response, cancellationToken);

    public ValueTask<SessionView> ReadResponseAsync(ApiKey caller, string responseId, CancellationToken cancellationToken) =>
        Now.ReadResponseAsync(caller, responseId, cancellationToken);

    public ValueTask DeleteResponseAsync(ApiKey caller, string responseId, CancellationToken cancellationToken) =>
        Now.DeleteResponseAsync(caller, responseId, cancellationToken);

    public ValueTask<TurnView> StartTurnAsync(ApiKey caller, TurnRequest request, CancellationToken cancellationToken) =>
        Now.StartTurnAsync(caller, request, cancellationToken);

    public ValueTask<TurnView> RegenerateAsync(ApiKey caller, string turnId, string? model, CancellationToken cancellationToken) =>
        Now.RegenerateAsync(caller, turnId, model, cancellationToken);

    public ValueTask<TurnView> GetTurnAsync(ApiKey caller, string turnId, CancellationToken cancellationToken) =>
        Now.GetTurnAsync(caller, turnId, cancellationToken);

    public IAsyncEnumerable<TurnEvent> ReadTurnAsync(ApiKey caller, string turnId, long after, CancellationToken cancellationToken) =>
        Now.ReadTurnAsync(caller, turnId, after, cancellationToken);

    public ValueTask<TurnView> CancelTurnAsync(ApiKey caller, string turnId, CancellationToken cancellationToken) =>
        Now.CancelTurnAsync(caller, turnId, cancellationToken);

    public ValueTask RecoverAsync(CancellationToken cancellationToken) => Now.RecoverAsync(cancellationToken);

    public ValueTask<bool> SweepAsync(CancellationToken cancellationToken) => Now.SweepAsync(cancellationToken);
}
