using System.Runtime.CompilerServices;
using Microsoft.Extensions.Options;
using OrleansChat.Core.Actors;
using OrleansChat.Core.Answers;
using OrleansChat.Core.Errors;
using OrleansChat.Core.Settings;

namespace OrleansChat.Core.Idempotency;

/// <summary>
/// A shard of idempotent operations. That one has begun is durable before it runs; while it runs its answer is in memory, and its holder
/// sends it anew where the activation changes. Calls do not interleave.
/// </summary>
public sealed class IdempotencyActor : IIdempotencyActor
{
    /// <summary>Operations that a shard remembers; beyond them, the oldest that has ended is forgotten before its time.</summary>
    public const int MaxOperations = 256;

    /// <summary>Outdated operations that one call clears away at most.</summary>
    private const int MaxCleared = 8;

    private readonly IActorContext _context;
    private readonly IActorState<IdempotencyShardState> _state;
    private readonly TimeProvider _time;
    private readonly IOptionsMonitor<OrleansChatOptions> _options;
    private readonly SteadyClock _clock;
    private readonly StateFlush _flush;
    private readonly Dictionary<string, RunningAnswer> _running = new(StringComparer.Ordinal);

    /// <summary>Makes an activation.</summary>
    /// <param name="context">The host.</param>
    /// <param name="state">The operations.</param>
    /// <param name="time">The source of time.</param>
    /// <param name="options">The settings.</param>
    public IdempotencyActor(
        IActorContext context, IActorState<IdempotencyShardState> state, TimeProvider time, IOptionsMonitor<OrleansChatOptions> options)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(state);
        _context = context;
        _state = state;
        _time = time;
        _options = options;
        _clock = new SteadyClock(time);
        _flush = new StateFlush(state.SaveAsync, context.Deactivate);

        // Whoever runs one gets a whole lease to be heard of: the lease itself is not on record.
        foreach (var operation in Operations.Where(operation => operation.KeptUntil is null))
            _running[operation.Id] = new RunningAnswer(NewLease());
    }

    private List<IdempotentOperation> Operations => _state.Value.Operations;

    private IdempotencyOptions Settings => _options.CurrentValue.Idempotency;

    /// <inheritdoc/>
    public async ValueTask<IdempotencyDecision> BeginAsync(IdempotentCall call, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(call);
        await ClearOutdatedAsync(call.Id);
        if (Find(call.Id) is { } known)
            return new IdempotencyDecision(StateOf(known, call));
        if (Operations.Count >= MaxOperations && !await ForgetOldestAsync())
            return new IdempotencyDecision(IdempotencyState.Full);

        Operations.Add(new IdempotentOperation(call.Id, call.Fingerprint, call.Holder));
        _running[call.Id] = new RunningAnswer(NewLease());
        await _flush.FlushAsync();
        return new IdempotencyDecision(IdempotencyState.Begun);
    }

    /// <inheritdoc/>
    public ValueTask<long?> AppendAsync(string id, string holder, AnswerPart part, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(part);
        if (Held(id, holder) is not { } running)
            return new((long?)null);

        running.LeaseEnd = NewLease();
        if (part.Offset + part.Bytes.Length <= Settings.MaxAnswerBytes)
            running.Append(part);
        return new(running.Length);
    }

    /// <inheritdoc/>
    public async ValueTask<long?> CompleteAsync(string id, string holder, CompletedAnswer end, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(end);

        // A repeat of a call whose answer was lost on the way.
        if (Find(id) is { KeptUntil: not null } ended && ended.Holder == holder)
            return end.Length;
        if (Held(id, holder) is not { } running)
            return null;
        if (end.IsKept && running.Length != end.Length)
            return running.Length;

        if (end.IsKept)
        {
            // The answer before the record that names it: what is on record can be read.
            var answer = await OpenAnswerAsync(id, cancellationToken);
            answer.Value = new KeptAnswer { Head = end.Head, Body = running.From(0) };
            await answer.SaveAsync(CancellationToken.None);
        }

        var place = Operations.FindIndex(operation => operation.Id == id);
        Operations[place] = Operations[place] with { KeptUntil = _time.GetUtcNow() + Settings.Retention, HasAnswer = end.IsKept };
        await _flush.FlushAsync();
        _running.Remove(id);
        if (end.IsKept)
            running.Append(new AnswerPart(end.Length, end.Head, []));
        running.Finish(AnswerPart.Ended(end.IsKept ? AnswerEnd.Whole : AnswerEnd.TooLarge));
        return end.Length;
    }

    /// <inheritdoc/>
    public async ValueTask FailAsync(string id, string holder, Problem problem, CancellationToken cancellationToken)
    {
        if (Held(id, holder) is not { } running)
            return;

        Operations.RemoveAll(operation => operation.Id == id);
        _running.Remove(id);
        await _flush.FlushAsync();
        running.Finish(AnswerPart.Ended(AnswerEnd.Failed, problem));
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<AnswerPart> ReadAsync(string id, long after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (_running.TryGetValue(id, out var running))
        {
            await foreach (var part in FollowAsync(running, after, cancellationToken))
                yield return part;
        }
        else if (Find(id) is { HasAnswer: true } && (await OpenAnswerAsync(id, cancellationToken)).Value is { } kept && after <= kept.Body.Length)
        {
            yield return new AnswerPart(after, kept.Head, kept.Body[(int)after..]);
            yield return AnswerPart.Ended(AnswerEnd.Whole);
        }
        else
        {
            yield return AnswerPart.Ended(AnswerEnd.Lost);
        }
    }

    private async IAsyncEnumerable<AnswerPart> FollowAsync(
        RunningAnswer running, long after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (true)
        {
            var changed = running.Changed;
            if (running.Head is { } head && running.Length > after)
            {
                var part = new AnswerPart(after, head, running.From(after));
                after += part.Bytes.Length;
                yield return part;
            }
            else if (running.End is { } end)
            {
                yield return end with { Head = running.Head };
                yield break;
            }
            else if (running.LeaseEnd <= _clock.Now)
            {
                yield return AnswerPart.Ended(AnswerEnd.Lost);
                yield break;
            }
            else
            {
                using var settled = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
                await Task.WhenAny(changed, _clock.UntilAsync(running.LeaseEnd, settled.Token));
                await settled.CancelAsync();
                cancellationToken.ThrowIfCancellationRequested();
            }
        }
    }

    private static IdempotencyState StateOf(IdempotentOperation known, IdempotentCall call) =>
        known.Fingerprint != call.Fingerprint ? IdempotencyState.Mismatch
        : known.KeptUntil is null ? known.Holder == call.Holder ? IdempotencyState.Begun : IdempotencyState.Running
        : known.HasAnswer ? IdempotencyState.Finished
        : IdempotencyState.NotKept;

    private IdempotentOperation? Find(string id) => Operations.Find(operation => operation.Id == id);

    private RunningAnswer? Held(string id, string holder) =>
        Find(id) is { KeptUntil: null } operation && operation.Holder == holder ? _running.GetValueOrDefault(id) : null;

    private long NewLease() => _clock.Now + Settings.Lease.Ticks;

    private bool IsOutdated(IdempotentOperation operation, DateTimeOffset now) => operation.KeptUntil is { } until
        ? until <= now
        : !_running.TryGetValue(operation.Id, out var running) || running.LeaseEnd <= _clock.Now;

    /// <summary>Clears away what is outdated: the operation that is asked for in any case, and some of the others.</summary>
    private async ValueTask ClearOutdatedAsync(string id)
    {
        var now = _time.GetUtcNow();
        var outdated = Operations.Where(operation => IsOutdated(operation, now)).OrderByDescending(operation => operation.Id == id).Take(MaxCleared).ToList();
        foreach (var operation in outdated)
            await ForgetAsync(operation);
        if (outdated.Count > 0)
            await _flush.FlushAsync();
    }

    private async ValueTask<bool> ForgetOldestAsync()
    {
        if (Operations.Find(operation => operation.KeptUntil is not null) is not { } oldest)
            return false;

        await ForgetAsync(oldest);
        return true;
    }

    // The answer before the operation: what is cleared twice does no harm, what nobody names would stay for ever.
    private async ValueTask ForgetAsync(IdempotentOperation operation)
    {
        if (operation.HasAnswer)
            await (await OpenAnswerAsync(operation.Id, CancellationToken.None)).ClearAsync(CancellationToken.None);

        Operations.Remove(operation);
        if (_running.Remove(operation.Id, out var running))
            running.Finish(AnswerPart.Ended(AnswerEnd.Lost));
    }

    private ValueTask<IActorState<KeptAnswer>> OpenAnswerAsync(string id, CancellationToken cancellationToken) =>
        _context.OpenStateAsync<KeptAnswer>($"answer/{id}", cancellationToken);
}
