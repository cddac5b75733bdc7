using OrleansChat.Standalone.Journal;

namespace OrleansChat.Standalone.Tests.Journals;

public sealed class JournalTests
{
    [Fact]
    public async Task Put_ThenRead_ReturnsTheValueAndItsVersion()
    {
        using var folder = new TemporaryFolder();
        await using var journal = await Journals.OpenAsync(folder);

        var version = await journal.PutAsync("session/1", "hello");
        var read = await journal.ReadAsync("session/1", CancellationToken.None);

        Assert.Equal("hello"u8.ToArray(), read!.Bytes.ToArray());
        Assert.Equal(version, read.Version);
        Assert.Null(await journal.ReadAsync("session/2", CancellationToken.None));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(5000)]
    [InlineData(3 * 1024 * 1024)]
    public async Task Put_OfAnySize_IsTheSameAfterReopening(int bytes)
    {
        using var folder = new TemporaryFolder();
        var value = new byte[bytes];
        new Random(bytes).NextBytes(value);
        await using (var journal = await Journals.OpenAsync(folder))
            await journal.PutAsync("key", value, null, CancellationToken.None);

        await using var reopened = await Journals.OpenAsync(folder);

        Assert.Equal(value, (await reopened.ReadAsync("key", CancellationToken.None))!.Bytes.ToArray());
    }

    [Fact]
    public async Task Reopen_FindsNewestValuesAndNoDeletedOnes()
    {
        using var folder = new TemporaryFolder();
        await using (var journal = await Journals.OpenAsync(folder))
        {
            await journal.PutAsync("a", "1");
            await journal.PutAsync("b", "1");
            await journal.PutAsync("a", "2");
            await journal.DeleteAsync("b");
        }

        await using var reopened = await Journals.OpenAsync(folder);

        Assert.Equal(new Dictionary<string, string> { ["a"] = "2" }, await reopened.AllAsync());
        Assert.Equal(1, reopened.Recovery.Keys);
        Assert.Null(reopened.Recovery.TornTail);
    }

    [Fact]
    public async Task Reopen_AcrossManySegments_FindsEveryKey()
    {
        using var folder = new TemporaryFolder();
        await using (var journal = await Journals.OpenAsync(folder))
        {
            for (var i = 0; i < 300; i++)
                await journal.PutAsync($"key/{i}", new string('x', 100) + i);
        }

        await using var reopened = await Journals.OpenAsync(folder);

        Assert.True(reopened.Recovery.Segments > 5);
        Assert.Equal(300, reopened.Recovery.Keys);
        for (var i = 0; i < 300; i++)
            Assert.Equal(new string('x', 100) + i, await reopened.TextAsync($"key/{i}"));
    }

    [Fact]
    public async Task Keys_ReturnsThePrefixInOrdinalOrder()
    {
        using var folder = new TemporaryFolder();
        await using var journal = await Journals.OpenAsync(folder);
        foreach (var key in new[] { "b/2", "a/\uffff", "a/", "b/10", "a0", "A/1", "a/ä", "a/z" })
            await journal.PutAsync(key, "");
        await journal.DeleteAsync("b/10");

        Assert.Equal(["a/", "a/z", "a/ä", "a/\uffff"], journal.Keys("a/"));
        Assert.Equal(["a/\uffff"], journal.Keys("a/\uffff"));
        Assert.Equal(["b/2"], journal.Keys("b"));
        Assert.Empty(journal.Keys("c"));
        Assert.Equal(7, journal.Keys("").Count);
    }

    [Fact]
    public async Task Put_FromManyWriters_SharesFlushes()
    {
        using var folder = new TemporaryFolder();
        var files = new ScriptedFiles();
        await using var journal = await Journals.OpenAsync(folder, files, new JournalOptions { DataDirectory = "" });
        using var gate = files.HoldNext(FileStep.Flush);
        var first = journal.PutAsync("first", "1").AsTask();
        await gate.Reached;

        var others = Enumerable.Range(0, 100).Select(i => journal.PutAsync($"key/{i}", "1").AsTask()).ToArray();
        gate.Release();
        await Task.WhenAll([first, .. others]);

        Assert.Equal(2, journal.Statistics.Commits);
        Assert.Equal(101, journal.Statistics.Writes);
    }

    [Fact]
    public async Task Read_BeforeTheFlush_SeesTheOldValue()
    {
        using var folder = new TemporaryFolder();
        var files = new ScriptedFiles();
        await using var journal = await Journals.OpenAsync(folder, files);
        await journal.PutAsync("key", "old");
        using var gate = files.HoldNext(FileStep.Flush);

        var put = journal.PutAsync("key", "new").AsTask();
        await gate.Reached;
        Assert.Equal("old", await journal.TextAsync("key"));
        Assert.False(put.IsCompleted);
        gate.Release();
        await put;

        Assert.Equal("new", await journal.TextAsync("key"));
    }

    [Fact]
    public async Task Put_CancelledInTheQueue_WritesNothing()
    {
        using var folder = new TemporaryFolder();
        var files = new ScriptedFiles();
        await using var journal = await Journals.OpenAsync(folder, files);
        using var gate = files.HoldNext(FileStep.Flush);
        var first = journal.PutAsync("first", "1").AsTask();
        await gate.Reached;
        using var cancellation = new CancellationTokenSource();

        var second = journal.PutAsync("second", "2"u8.ToArray(), null, cancellation.Token).AsTask();
        await cancellation.CancelAsync();
        gate.Release();

        await first;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);
        Assert.Null(await journal.TextAsync("second"));
    }

    [Fact]
    public async Task Delete_CancelledDuringItsFlush_CompletesBecauseItIsWritten()
    {
        using var folder = new TemporaryFolder();
        var files = new ScriptedFiles();
        await using var journal = await Journals.OpenAsync(folder, files);
        await journal.PutAsync("key", "1");
        using var gate = files.HoldNext(FileStep.Flush);
        using var cancellation = new CancellationTokenSource();

        var delete = journal.DeleteAsync("key", null, cancellation.Token).AsTask();
        await gate.Reached;
        await cancellation.CancelAsync();
        gate.Release();
        await delete;

        Assert.Null(await journal.TextAsync("key"));
    }

    [Fact]
    public async Task Dispose_CommitsWhatIsQueuedAndThenRefuses()
    {
        using var folder = new TemporaryFolder();
        var journal = await Journals.OpenAsync(folder);
        var puts = Enumerable.Range(0, 500).Select(i => journal.PutAsync($"key/{i}", "1").AsTask()).ToArray();

        await journal.DisposeAsync();
        await Task.WhenAll(puts);

        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await journal.PutAsync("key", "1"));
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await journal.TextAsync("key/1"));
        await using var reopened = await Journals.OpenAsync(folder);
        Assert.Equal(500, reopened.Recovery.Keys);
    }

    [Fact]
    public async Task Put_BeyondALimit_IsRefused()
    {
        using var folder = new TemporaryFolder();
        await using var journal = await Journals.OpenAsync(
            folder, options: new JournalOptions { DataDirectory = "", MaxValueBytes = 1024 });

        await Assert.ThrowsAsync<ArgumentException>(async () => await journal.PutAsync("key", new string('x', 1025)));
        await Assert.ThrowsAsync<ArgumentException>(async () => await journal.PutAsync(new string('k', 1025), ""));
        await Assert.ThrowsAsync<ArgumentException>(async () => await journal.PutAsync("", ""));
        await Assert.ThrowsAnyAsync<ArgumentException>(async () => await journal.PutAsync("\ud800", ""));
        await journal.PutAsync(new string('k', 1024), new string('x', 1024));
    }
}
