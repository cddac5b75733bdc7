using Orleans.Storage;
using OrleansChat.Core.Actors;
using OrleansChat.Core.Errors;
using OrleansChat.GrainInterfaces.Directory;
using OrleansChat.Grains.State;

namespace OrleansChat.Grains.Tests.State;

public sealed class NamedStateTests
{
    private readonly VersionedStorage _storage = new();
    private int _deactivations;

    [Fact]
    public async Task Save_IsReadByTheNextActivation()
    {
        var state = await OpenAsync();
        Assert.False(state.Exists);
        state.Value.Number = 7;
        await state.SaveAsync(default);

        Assert.True(state.Exists);
        Assert.Equal(7, (await OpenAsync()).Value.Number);
    }

    [Fact]
    public async Task Save_WritesTheValueOfTheMomentOfTheCall()
    {
        var store = new TaskCompletionSource();
        _storage.Before = store.Task;
        var state = await OpenAsync();
        state.Value.Number = 1;
        var saving = state.SaveAsync(default).AsTask();
        state.Value.Number = 2;
        store.SetResult();
        await saving;

        Assert.Equal(1, (await OpenAsync()).Value.Number);
    }

    [Fact]
    public async Task Save_AfterAnotherActivationWrote_TakesNoEffectAndEndsThisActivation()
    {
        var state = await OpenAsync();
        await state.SaveAsync(default);
        _storage.WriteElsewhere("{\"number\":5}");
        state.Value.Number = 9;

        var fault = await Assert.ThrowsAsync<StorageException>(async () => await state.SaveAsync(default));

        Assert.IsType<InconsistentStateException>(fault.InnerException);
        Assert.True(ClusterFaults.IsStale(fault));
        Assert.Equal(1, _deactivations);
        Assert.Equal(5, (await OpenAsync()).Value.Number);
    }

    [Fact]
    public async Task Save_WhileTheStoreIsLost_FailsWithARetryTimeAndLeavesTheActivation()
    {
        var state = await OpenAsync();
        _storage.Fault = new IOException("The store cannot be reached.");

        var fault = await Assert.ThrowsAsync<StorageException>(async () => await state.SaveAsync(default));

        Assert.Equal(503, fault.Problem.Status);
        Assert.True(fault.Problem.RetryAfterSeconds > 0);
        Assert.False(ClusterFaults.IsStale(fault));
        Assert.Equal(0, _deactivations);
    }

    [Fact]
    public async Task Clear_OfWhatWasNeverWritten_AsksTheStoreNothing()
    {
        var state = await OpenAsync();
        state.Value.Number = 3;
        await state.ClearAsync(default);

        Assert.Equal((0, 0), (state.Value.Number, _storage.Writes));
    }

    [Fact]
    public async Task Clear_ThenSave_BeginsAnew()
    {
        var state = await OpenAsync();
        state.Value.Number = 3;
        await state.SaveAsync(default);
        await state.ClearAsync(default);
        Assert.False((await OpenAsync()).Exists);

        state.Value.Number = 4;
        await state.SaveAsync(default);
        Assert.Equal(4, (await OpenAsync()).Value.Number);
    }

    private ValueTask<IActorState<Counter>> OpenAsync() =>
        NamedState<Counter>.OpenAsync(_storage, "page", GrainId.Create("test", "one"), () => _deactivations++, default);

    private sealed class Counter
    {
        public int Number { get; set; }
    }
}
