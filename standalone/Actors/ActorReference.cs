using System.Diagnostics;
using System.Runtime.CompilerServices;
using OrleansChat.Core.Actors;
using OrleansChat.Core.Telemetry;

namespace OrleansChat.Standalone.Actors;

/// <summary>Calls an actor by its key, whichever activation it has.</summary>
/// <typeparam name="TActor">The actor class.</typeparam>
internal sealed class ActorReference<TActor>(ActorKind<TActor> kind, string key)
    where TActor : class
{
    private static readonly ActorMethod Interleaving = new("enumerate", true);

    /// <summary>Calls a method that has a result.</summary>
    public ValueTask<TResult> CallAsync<TArgument, TResult>(
        ActorMethod about,
        Func<TActor, TArgument, CancellationToken, ValueTask<TResult>> method,
        TArgument argument,
        CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled<TResult>(cancellationToken);

        if (!Spans.AreWanted)
            return CallAsync(kind.Resolve(key), about.Interleaves, method, argument, cancellationToken);
        return about.IsBrief
            ? TraceLateAsync(about, method, argument, cancellationToken)
            : TraceAsync(about, method, argument, cancellationToken);
    }

    /// <summary>Calls a method that has no result.</summary>
    public ValueTask CallAsync<TArgument>(
        ActorMethod about, Func<TActor, TArgument, CancellationToken, ValueTask> method, TArgument argument, CancellationToken cancellationToken)
    {
        var call = CallAsync(
            about,
            static (actor, call, token) => WithResult(call.method(actor, call.argument, token)),
            (method, argument),
            cancellationToken);
        return call.IsCompletedSuccessfully ? ValueTask.CompletedTask : new ValueTask(call.AsTask());
    }

    /// <summary>
    /// Enumerates inside the actor, beside its calls, or on the reader's own threads where the sequence allows it. An enumeration whose activation ends, ends
    /// too: the reader begins anew where it was.
    /// </summary>
    public async IAsyncEnumerable<TItem> EnumerateAsync<TArgument, TItem>(
        Func<TActor, TArgument, CancellationToken, IAsyncEnumerable<TItem>> method,
        TArgument argument,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var opened = await CallAsync(
            Interleaving,
            static (actor, call, token) =>
            {
                var activation = (Activation<TActor>)SynchronizationContext.Current!;
                return ValueTask.FromResult(activation.Open(call.method(actor, call.argument, CancellationToken.None), token));
            },
            (method, argument),
            cancellationToken);
        await using (opened)
        {
            while (await opened.MoveNextAsync())
                yield return opened.Current;
        }
    }

    private async ValueTask<TResult> TraceAsync<TArgument, TResult>(
        ActorMethod about,
        Func<TActor, TArgument, CancellationToken, ValueTask<TResult>> method,
        TArgument argument,
        CancellationToken cancellationToken)
    {
        using var span = Activity.Current is null ? null : Spans.Start(about.Name);
        try
        {
            return await CallAsync(kind.Resolve(key), about.Interleaves, method, argument, cancellationToken);
        }
        catch (Exception fault)
        {
            span.Fail(fault);
            throw;
        }
    }

    /// <summary>Tells of a call only if it had to wait: an answer at once takes less time than a span, and its caller's span shows it.</summary>
    private ValueTask<TResult> TraceLateAsync<TArgument, TResult>(
        ActorMethod about,
        Func<TActor, TArgument, CancellationToken, ValueTask<TResult>> method,
        TArgument argument,
        CancellationToken cancellationToken)
    {
        var began = kind.Host.Time.GetUtcNow();
        var call = CallAsync(kind.Resolve(key), about.Interleaves, method, argument, cancellationToken);
        return call.IsCompleted || Activity.Current is null ? call : AwaitAsync(about, began, call);
    }

    private static async ValueTask<TResult> AwaitAsync<TResult>(ActorMethod about, DateTimeOffset began, ValueTask<TResult> call)
    {
        using var span = Spans.StartAt(about.Name, began);
        try
        {
            return await call;
        }
        catch (Exception fault)
        {
            span.Fail(fault);
            throw;
        }
    }

    private static ValueTask<TResult> CallAsync<TArgument, TResult>(
        Activation<TActor> activation,
        bool interleaves,
        Func<TActor, TArgument, CancellationToken, ValueTask<TResult>> method,
        TArgument argument,
        CancellationToken cancellationToken)
    {
        if (activation.TryCall(interleaves, method, argument, cancellationToken, out var result))
            return result;

        var call = new QueuedCall<TActor, TArgument, TResult>(interleaves, method, argument, cancellationToken);
        return activation.TryEnqueue(call) ? new ValueTask<TResult>(call.Completion) : ValueTask.FromException<TResult>(ActorOverload.Refuse());
    }

    private static ValueTask<bool> WithResult(ValueTask call) => call.IsCompletedSuccessfully ? ValueTask.FromResult(true) : AwaitAsync(call);

    private static async ValueTask<bool> AwaitAsync(ValueTask call)
    {
        await call;
        return true;
    }
}
