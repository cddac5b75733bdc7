using System.Runtime.CompilerServices;
using OrleansChat.Core.Keys;
using OrleansChat.Core.Sessions;
using OrleansChat.Core.Sessions.Responses;
using OrleansChat.Core.Sessions.Search;
using OrleansChat.Core.Turns;
using OrleansChat.Testing.Actors;

namespace OrleansChat.Core.Tests.Sessions;

/// <summary>
/// Calls one session as a host would: ordinary calls one after another, interleaving ones and readers beside them, a new activation where
/// the last one has ended.
/// </summary>
internal sealed class SessionHandle(SessionWorld world, string id) : ISessionActor
{
    private readonly SemaphoreSlim _turn = new(1);
    private readonly SemaphoreSlim _activating = new(1);
    private Activation? _activation;

    public string Id => id;

    /// <summary>What the activation asked of its host; null before the first call.</summary>
    public InMemoryActorContext? Context => _activation?.Context;

    public ValueTask<SessionView> CreateAsync(ApiKey caller, SessionSettings settings, CancellationToken cancellationToken = default) =>
        CallAsync(actor => actor.CreateAsync(caller, settings, cancellationToken));

    public ValueTask<SessionView> ImportAsync(ApiKey caller, SessionImport exported, CancellationToken cancellationToken = default) =>
        CallAsync(actor => actor.ImportAsync(caller, exported, cancellationToken));

    public ValueTask<SessionView> ReadPathAsync(ApiKey caller, MessageRange range, CancellationToken cancellationToken = default) =>
        CallAsync(actor => actor.ReadPathAsync(caller, range, cancellationToken));

    public ValueTask<SessionView> DescribeAsync(ApiKey caller, SessionScope scope, CancellationToken cancellationToken = default) =>
        CallAsync(actor => actor.DescribeAsync(caller, scope, cancellationToken));

    public ValueTask<SessionMatchList> QuoteAsync(ApiKey caller, SessionQuotation quotation, CancellationToken cancellationToken = default) =>
        CallAsync(actor => actor.QuoteAsync(caller, quotation, cancellationToken));

    public ValueTask<SessionView> UpdateAsync(ApiKey caller, SessionChanges changes, CancellationToken cancellationToken = default) =>
        CallAsync(actor => actor.UpdateAsync(caller, changes, cancellationToken));

    public async ValueTask DeleteAsync(ApiKey caller, CancellationToken cancellationToken = default) =>
        await CallAsync(async actor =>
        {
            await actor.DeleteAsync(caller, cancellationToken);
            return true;
        });

    public ValueTask<SessionView> RecordAsync(ApiKey caller, RecordedResponse response, CancellationToken cancellationToken = default) =>
        CallAsync(actor => actor.RecordAsync(caller, response, cancellationToken));

    public ValueTask<SessionView> ReadResponseAsync(ApiKey caller, string responseId, CancellationToken cancellationToken = default) =>
        CallAsync(actor => actor.ReadResponseAsync(caller, responseId, cancellationToken));

    public async ValueTask DeleteResponseAsync(ApiKey caller, string responseId, CancellationToken cancellationToken = default) =>
        await CallAsync(async actor =>
        {
            await actor.DeleteResponseAsync(caller, responseId, cancellationToken);
            return true;
        });

    public ValueTask<TurnView> StartTurnAsync(ApiKey caller, TurnRequest request, CancellationToken cancellationToken = default) =>
        CallAsync(actor => actor.StartTurnAsync(caller, request, cancellationToken));

    public ValueTask<TurnView> RegenerateAsync(ApiKey caller, string turnId, string? model, CancellationToken cancellationToken = default) =>
        CallAsync(actor => actor.RegenerateAsync(caller, turnId, model, cancellationToken));

    public async ValueTask RecoverAsync(CancellationToken cancellationToken = default) =>
        await CallAsync(async actor =>
        {
            await actor.RecoverAsync(cancellationToken);
            return true;
        });

    public ValueTask<bool> SweepAsync(CancellationToken cancellationToken = default) => CallAsync(actor => actor.SweepAsync(cancellationToken));

    public async ValueTask<TurnView> GetTurnAsync(ApiKey caller, string turnId, CancellationToken cancellationToken = default)
    {
        var activation = await ActivateAsync();
        return await activation.Scheduler.RunAsync(() => activation.Actor.GetTurnAsync(caller, turnId, cancellationToken));
    }

    public async ValueTask<TurnView> CancelTurnAsync(ApiKey caller, string turnId, CancellationToken cancellationToken = default)
    {
        var activation = await ActivateAsync();
        return await activation.Scheduler.RunAsync(() => activation.Actor.CancelTurnAsync(caller, turnId, cancellationToken));
    }

    public async IAsyncEnumerable<TurnEvent> ReadTurnAsync(
        ApiKey caller, string turnId, long after, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var activation = await ActivateAsync();
        var events = activation.Actor.ReadTurnAsync(caller, turnId, after, cancellationToken).GetAsyncEnumerator(cancellationToken);
        try
        {
            while (await activation.Scheduler.RunAsync(events.MoveNextAsync))
                yield return events.Current;
        }
        finally
        {
            await activation.Scheduler.RunAsync(events.DisposeAsync);
        }
    }

    /// <summary>Ends the activation in order; the next call begins another.</summary>
    /// <param name="patience">Cancelled when the host waits no longer.</param>
    public async Task DeactivateAsync(CancellationToken patience = default)
    {
        if (_activation is { } ended)
        {
            _activation = null;
            await ended.Scheduler.RunAsync(() => ended.Actor.DeactivateAsync(patience));
        }
    }

    /// <summary>The host dies.</summary>
    public void Kill()
    {
        _activation?.Context.Kill();
        _activation = null;
    }

    private async ValueTask<T> CallAsync<T>(Func<SessionActor, ValueTask<T>> call)
    {
        await _turn.WaitAsync();
        try
        {
            var activation = await ActivateAsync();
            return await activation.Scheduler.RunAsync(() => call(activation.Actor));
        }
        finally
        {
            _turn.Release();
        }
    }

    private async Task<Activation> ActivateAsync()
    {
        await _activating.WaitAsync();
        try
        {
            if (_activation is { Context.IsDeactivationRequested: true })
                await DeactivateAsync();

            return _activation ??= await NewAsync();
        }
        finally
        {
            _activating.Release();
        }
    }

    private async Task<Activation> NewAsync()
    {
        var scheduler = new ActorScheduler();
        var context = new InMemoryActorContext(world.Store, "session", id, world);
        var actor = new SessionActor(
            context.MainState<SessionState>(),
            context,
            world.Planner,
            world.TurnAdmission,
            world.Runner,
            world.Summarizer,
            world.Settings,
            world.Counts,
            world.Running,
            world.Clock,
            world.Log);
        await scheduler.RunAsync(() => actor.ActivateAsync(CancellationToken.None));
        return new Activation(actor, context, scheduler);
    }

    private sealed record Activation(SessionActor Actor, InMemoryActorContext Context, ActorScheduler Scheduler);
}
