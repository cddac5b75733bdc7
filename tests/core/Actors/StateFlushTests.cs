using OrleansChat.Core.Actors;
using OrleansChat.Core.Errors;

namespace OrleansChat.Core.Tests.Actors;

/// <summary>Writes that are put off while nobody waits for them.</summary>
public sealed class StateFlushTests
{
    private readonly List<TaskCompletionSource> _writes = [];
    private readonly List<TaskCompletionSource> _pauses = [];
    private readonly StateFlush _flush;
    private int _failures;

    public StateFlushTests() => _flush = new StateFlush(_ => new ValueTask(Next(_writes)), () => _failures++, () => Next(_pauses));

    [Fact]
    public async Task FlushSoon_OfSeveral_WritesOnceWhenThePauseIsOver()
    {
        var (first, second) = (_flush.FlushSoonAsync(), _flush.FlushSoonAsync());
        Assert.Empty(_writes);
        Assert.True(_flush.IsWriting);

        _pauses.Single().SetResult();
        _writes.Single().SetResult();

        await Task.WhenAll(first, second);
        Assert.False(_flush.IsWriting);
    }

    [Fact]
    public async Task Flush_WhileOthersPause_WritesAtOnceForAll()
    {
        var patient = _flush.FlushSoonAsync();
        var urgent = _flush.FlushAsync();

        _writes.Single().SetResult();
        await Task.WhenAll(patient, urgent);

        _pauses.Single().SetResult();
        Assert.Single(_writes);
    }

    [Fact]
    public async Task FlushSoon_DuringAWrite_PausesAfterIt()
    {
        var first = _flush.FlushAsync();
        var second = _flush.FlushSoonAsync();
        _writes.Single().SetResult();
        await first;
        Assert.Single(_writes);
        Assert.True(_flush.IsWriting);

        _pauses.Single().SetResult();
        _writes[1].SetResult();
        await second;
    }

    [Fact]
    public async Task Flush_DuringAWriteThatOthersWillFollowSoon_FollowsAtOnce()
    {
        var first = _flush.FlushAsync();
        var patient = _flush.FlushSoonAsync();
        var urgent = _flush.FlushAsync();
        _writes.Single().SetResult();

        await first;
        Assert.Empty(_pauses);
        _writes[1].SetResult();
        await Task.WhenAll(patient, urgent);
    }

    [Fact]
    public async Task Hurry_WhileOthersPause_WritesAtOnceAndPutsNothingOffAnyMore()
    {
        var patient = _flush.FlushSoonAsync();
        _flush.Hurry();
        var later = _flush.FlushSoonAsync();
        _writes.Single().SetResult();
        await patient;

        _writes[1].SetResult();
        await later;
        Assert.Single(_pauses);
    }

    [Fact]
    public void Hurry_WhereNothingIsDue_WritesNothing()
    {
        _flush.Hurry();

        Assert.Empty(_writes);
    }

    [Fact]
    public async Task FlushSoon_WhoseWriteFails_Fails()
    {
        var flush = _flush.FlushSoonAsync();
        _pauses.Single().SetResult();
        _writes.Single().SetException(new StorageException("The disk is full."));

        await Assert.ThrowsAsync<StorageException>(() => flush);
        Assert.Equal(1, _failures);
    }

    [Fact]
    public async Task FlushSoon_WithoutAPause_WritesAtOnce()
    {
        var flush = new StateFlush(_ => new ValueTask(Next(_writes)), () => { });
        var written = flush.FlushSoonAsync();

        _writes.Single().SetResult();
        await written;
    }

    private static Task Next(List<TaskCompletionSource> signals)
    {
        signals.Add(new TaskCompletionSource());
        return signals[^1].Task;
    }
}
