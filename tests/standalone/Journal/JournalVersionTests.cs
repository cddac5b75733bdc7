using OrleansChat.Standalone.Journal;

namespace OrleansChat.Standalone.Tests.Journals;

public sealed class JournalVersionTests
{
    [Fact]
    public async Task Put_WithTheCurrentVersion_Succeeds()
    {
        using var folder = new TemporaryFolder();
        await using var journal = await Journals.OpenAsync(folder);

        var first = await journal.PutAsync("key", "1", expectedVersion: 0);
        var second = await journal.PutAsync("key", "2", first);

        Assert.True(second > first && first > 0);
    }

    [Fact]
    public async Task Put_WithAnotherVersion_NamesBothAndWritesNothing()
    {
        using var folder = new TemporaryFolder();
        await using var journal = await Journals.OpenAsync(folder);
        var first = await journal.PutAsync("key", "1");
        var second = await journal.PutAsync("key", "2");

        var conflict = await Assert.ThrowsAsync<JournalVersionException>(async () => await journal.PutAsync("key", "3", first));

        Assert.Equal((first, second, "key"), (conflict.ExpectedVersion, conflict.ActualVersion, conflict.Key));
        Assert.Equal("2", await journal.TextAsync("key"));
    }

    [Fact]
    public async Task Put_ExpectingAbsence_FailsOnAnExistingKey()
    {
        using var folder = new TemporaryFolder();
        await using var journal = await Journals.OpenAsync(folder);
        await journal.PutAsync("key", "1");

        await Assert.ThrowsAsync<JournalVersionException>(async () => await journal.PutAsync("key", "2", 0));
    }

    [Fact]
    public async Task Delete_ChecksTheVersionToo()
    {
        using var folder = new TemporaryFolder();
        await using var journal = await Journals.OpenAsync(folder);
        var version = await journal.PutAsync("key", "1");

        await Assert.ThrowsAsync<JournalVersionException>(async () => await journal.DeleteAsync("key", version + 1));
        await journal.DeleteAsync("key", version);
        await Assert.ThrowsAsync<JournalVersionException>(async () => await journal.DeleteAsync("key", version));
        await journal.DeleteAsync("key", 0);
        await journal.DeleteAsync("key");

        Assert.Null(await journal.TextAsync("key"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Put_WithAVersionFromBeforeADelete_FailsOnTheRecreatedKey(bool compactAndReopen)
    {
        using var folder = new TemporaryFolder();
        var journal = await Journals.OpenAsync(folder);
        var stale = await journal.PutAsync("key", "1");
        await journal.DeleteAsync("key");
        if (compactAndReopen)
        {
            await journal.CompactAsync(CancellationToken.None);
            await journal.DisposeAsync();
            journal = await Journals.OpenAsync(folder);
            Assert.Equal(0, journal.Statistics.GarbageBytes);
        }

        await using var last = journal;
        var recreated = await journal.PutAsync("key", "2", 0);

        Assert.True(recreated > stale);
        await Assert.ThrowsAsync<JournalVersionException>(async () => await journal.PutAsync("key", "3", stale));
    }

    [Fact]
    public async Task Put_RacingInOneBatch_LetsExactlyOneWriterWin()
    {
        using var folder = new TemporaryFolder();
        var files = new ScriptedFiles();
        await using var journal = await Journals.OpenAsync(folder, files);
        var version = await journal.PutAsync("key", "start");
        using var gate = files.HoldNext(FileStep.Flush);
        var blocker = journal.PutAsync("blocker", "").AsTask();
        await gate.Reached;

        var racers = Enumerable.Range(0, 20).Select(i => journal.PutAsync("key", $"racer {i}", version).AsTask()).ToArray();
        gate.Release();
        await blocker;
        await Task.WhenAll(racers.Select(racer => racer.ContinueWith(static _ => { }, TaskScheduler.Default)));

        Assert.Equal("racer 0", await journal.TextAsync("key"));
        Assert.Equal(19, racers.Count(racer => racer.Exception?.InnerException is JournalVersionException));
    }
}
