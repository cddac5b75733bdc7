using OrleansChat.Core.Errors;
using OrleansChat.Core.Sessions.TurnLogs;
using OrleansChat.Testing.Actors;

namespace OrleansChat.Core.Tests.Sessions.TurnLogs;

public sealed class SequenceAllowanceTests
{
    private readonly InMemoryStore _store = new();

    [Fact]
    public async Task Use_OfAnyNumber_IsNeverAheadOfTheRecord()
    {
        var scheduler = new ActorScheduler();
        var context = Context();
        var allowance = new SequenceAllowance(context, "turn", SequenceAllowance.Block, () => Task.CompletedTask);

        for (var sequence = 2L; sequence < 1_000; sequence++)
        {
            var shown = sequence;
            await scheduler.RunAsync(() => allowance.UseAsync(shown));
            var recorded = await SequenceAllowance.ReadAsync(Context(), "turn", default);
            Assert.True(shown <= Math.Max(recorded, SequenceAllowance.Block), $"{shown} was allowed while {recorded} was on record.");
        }

        // To 128, 256, 512 and 1,024, and the next one ahead.
        Assert.InRange(_store.Writes, 4, 5);
    }

    [Fact]
    public void Use_WithinTheBlock_DoesNotWaitForAStoreThatHangs()
    {
        _store.BeforeWrite = _ => new TaskCompletionSource().Task;
        var allowance = new SequenceAllowance(Context(), "turn", SequenceAllowance.Block, () => Task.CompletedTask);

        for (var sequence = 2L; sequence <= SequenceAllowance.Block; sequence++)
            Assert.True(allowance.UseAsync(sequence).AsTask().IsCompletedSuccessfully);

        Assert.False(allowance.UseAsync(SequenceAllowance.Block + 1).AsTask().IsCompleted);
    }

    [Fact]
    public async Task Use_WhenTheRecordCannotBeWritten_FailsAtTheEndOfTheBlock()
    {
        _store.BeforeWrite = _ => throw new StorageException("The disk is full.");
        var allowance = new SequenceAllowance(Context(), "turn", SequenceAllowance.Block, () => Task.CompletedTask);
        await allowance.UseAsync(SequenceAllowance.Block);

        await Assert.ThrowsAsync<StorageException>(async () => await allowance.UseAsync(SequenceAllowance.Block + 1));
    }

    [Fact]
    public async Task Read_OfAnotherTurn_FindsNothing()
    {
        var allowance = new SequenceAllowance(Context(), "turn", SequenceAllowance.Block, () => Task.CompletedTask);
        await allowance.UseAsync(SequenceAllowance.Block);
        await allowance.EndAsync();

        Assert.Equal(2 * SequenceAllowance.Block, await SequenceAllowance.ReadAsync(Context(), "turn", default));
        Assert.Equal(0, await SequenceAllowance.ReadAsync(Context(), "other", default));
    }

    private InMemoryActorContext Context() => new(_store, "session", "id", new SessionWorld());
}
