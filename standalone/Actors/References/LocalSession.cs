using OrleansChat.Core.Keys;
using OrleansChat.Core.Sessions;
using OrleansChat.Core.Sessions.Responses;
using OrleansChat.Core.Sessions.Search;
using OrleansChat.Core.Turns;

namespace OrleansChat.Standalone.Actors.References;

/// <summary>Calls <see cref="ISessionActor"/> in this process.</summary>
internal sealed class LocalSession(ActorReference<ISessionActor> actor) : ISessionActor
{
    private static readonly ActorMethod Create = ActorMethod.Of<ISessionActor>(nameof(CreateAsync));
    private static readonly ActorMethod Import = ActorMethod.Of<ISessionActor>(nameof(ImportAsync));
    private static readonly ActorMethod ReadPath = ActorMethod.Of<ISessionActor>(nameof(ReadPathAsync));
    private static readonly ActorMethod Describe = ActorMethod.Of<ISessionActor>(nameof(DescribeAsync));
    private static readonly ActorMethod Quote = ActorMethod.Of<ISessionActor>(nameof(QuoteAsync));
    private static readonly ActorMethod Update = ActorMethod.Of<ISessionActor>(nameof(UpdateAsync));
    private static readonly ActorMethod Delete = ActorMethod.Of<ISessionActor>(nameof(DeleteAsync));
    private static readonly ActorMethod Record = ActorMethod.Of<ISessionActor>(nameof(RecordAsync));
    private static readonly ActorMethod ReadResponse = ActorMethod.Of<ISessionActor>(nameof(ReadResponseAsync));
    private static readonly ActorMethod DeleteResponse = ActorMethod.Of<ISessionActor>(nameof(DeleteResponseAsync));
    private static readonly ActorMethod StartTurn = ActorMethod.Of<ISessionActor>(nameof(StartTurnAsync));
    private static readonly ActorMethod Regenerate = ActorMethod.Of<ISessionActor>(nameof(RegenerateAsync));
    private static readonly ActorMethod GetTurn = ActorMethod.Of<ISessionActor>(nameof(GetTurnAsync));
    private static readonly ActorMethod CancelTurn = ActorMethod.Of<ISessionActor>(nameof(CancelTurnAsync));
    private static readonly ActorMethod Recover = ActorMethod.Of<ISessionActor>(nameof(RecoverAsync));
    private static readonly ActorMethod Sweep = ActorMethod.Of<ISessionActor>(nameof(SweepAsync));

    public ValueTask<SessionView> CreateAsync(ApiKey caller, SessionSettings settings, CancellationToken cancellationToken) =>
        actor.CallAsync(Create,
            static (target, call, token) => target.CreateAsync(call.caller, call.settings, token),
            (caller, settings),
            cancellationToken);

    public ValueTask<SessionView> ImportAsync(ApiKey caller, SessionImport exported, CancellationToken cancellationToken) =>
        actor.CallAsync(Import,
            static (target, call, token) => target.ImportAsync(call.caller, call.exported, token),
            (caller, exported),
            cancellationToken);

    public ValueTask<SessionView> ReadPathAsync(ApiKey caller, MessageRange range, CancellationToken cancellationToken) =>
        actor.CallAsync(ReadPath,
            static (target, call, token) => target.ReadPathAsync(call.caller, call.range, token),
            (caller, range),
            cancellationToken);

    public ValueTask<SessionView> DescribeAsync(ApiKey caller, SessionScope scope, CancellationToken cancellationToken) =>
        actor.CallAsync(Describe,
            static (target, call, token) => target.DescribeAsync(call.caller, call.scope, token),
            (caller, scope),
            cancellationToken);

    public ValueTask<SessionMatchList> QuoteAsync(ApiKey caller, SessionQuotation quotation, CancellationToken cancellationToken) =>
        actor.CallAsync(Quote,
            static (target, call, token) => target.QuoteAsync(call.caller, call.quotation, token),
            (caller, quotation),
            cancellationToken);

    public ValueTask<SessionView> UpdateAsync(ApiKey caller, SessionChanges changes, CancellationToken cancellationToken) =>
        actor.CallAsync(Update,
            static (target, call, token) => target.UpdateAsync(call.caller, call.changes, token),
            (caller, changes),
            cancellationToken);

    public ValueTask DeleteAsync(ApiKey caller, CancellationToken cancellationToken) =>
        actor.CallAsync(Delete, static (target, caller, token) => target.DeleteAsync(caller, token), caller, cancellationToken);

    public ValueTask<SessionView> RecordAsync(ApiKey caller, RecordedResponse response, CancellationToken cancellationToken) =>
        actor.CallAsync(Record,
            static (target, call, token) => target.RecordAsync(call.caller, call.response, token),
            (caller, response),
            cancellationToken);

    public ValueTask<SessionView> ReadResponseAsync(ApiKey caller, string responseId, CancellationToken cancellationToken) =>
        actor.CallAsync(ReadResponse,
            static (target, call, token) => target.ReadResponseAsync(call.caller, call.responseId, token),
            (caller, responseId),
            cancellationToken);

    public ValueTask DeleteResponseAsync(ApiKey caller, string responseId, CancellationToken cancellationToken) =>
        actor.CallAsync(DeleteResponse,
            static (target, call, token) => target.DeleteResponseAsync(call.caller, call.responseId, token),
            (caller, responseId),
            cancellationToken);

    public ValueTask<TurnView> StartTurnAsync(ApiKey caller, TurnRequest request, CancellationToken cancellationToken) =>
        actor.CallAsync(StartTurn,
            static (target, call, token) => target.StartTurnAsync(call.caller, call.request, token),
            (caller, request),
            cancellationToken);

    public ValueTask<TurnView> RegenerateAsync(ApiKey caller, string turnId, string? model, CancellationToken cancellationToken) =>
        actor.CallAsync(Regenerate,
            static (target, call, token) => target.RegenerateAsync(call.caller, call.turnId, call.model, token),
            (caller, turnId, model),
            cancellationToken);

    public ValueTask<TurnView> GetTurnAsync(ApiKey caller, string turnId, CancellationToken cancellationToken) =>
        actor.CallAsync(GetTurn,
            static (target, call, token) => target.GetTurnAsync(call.caller, call.turnId, token),
            (caller, turnId),
            cancellationToken);

    public IAsyncEnumerable<TurnEvent> ReadTurnAsync(ApiKey caller, string turnId, long after, CancellationToken cancellationToken) =>
        actor.EnumerateAsync(
            static (target, call, token) => target.ReadTurnAsync(call.caller, call.turnId, call.after, token),
            (caller, turnId, after),
            cancellationToken);

    public ValueTask<TurnView> CancelTurnAsync(ApiKey caller, string turnId, CancellationToken cancellationToken) =>
        actor.CallAsync(CancelTurn,
            static (target, call, token) => target.CancelTurnAsync(call.caller, call.turnId, token),
            (caller, turnId),
            cancellationToken);

    public ValueTask RecoverAsync(CancellationToken cancellationToken) =>
        actor.CallAsync(Recover, static (target, _, token) => target.RecoverAsync(token), true, cancellationToken);

    public ValueTask<bool> SweepAsync(CancellationToken cancellationToken) =>
        actor.CallAsync(Sweep, static (target, _, token) => target.SweepAsync(token), true, cancellationToken);
}
