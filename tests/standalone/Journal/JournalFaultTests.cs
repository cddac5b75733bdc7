using OrleansChat.Standalone.Journal;

namespace OrleansChat.Standalone.Tests.Journals;

public sealed class JournalFaultTests
{
    [Fact]
    public async Task Put_WhenTheDiskIsFull_FailsWithoutATraceAndGoesOnWhenThereIsRoom()
    {
        for (var torn = 0; torn < 40; torn += 3)
        {
            using var folder = new TemporaryFolder();
            var files = new ScriptedFiles();
            await using (var journal = await Journals.OpenAsync(folder, files))
            {
                await journal.PutAsync("kept", "1");
                files.TearNextWriteAt = torn;

                var failure = await Assert.ThrowsAsync<JournalWriteException>(async () => await journal.PutAsync("kept", "2"));
                Assert.True(failure.IsRefused);
                Assert.Equal("1", await journal.TextAsync("kept"));
                using (var crashed = folder.Copy())
                await using (var seen = await Journals.OpenAsync(crashed))
                    Assert.Equal("1", await seen.TextAsync("kept"));

                await journal.PutAsync("after", "3");
            }

            await using var reopened = await Journals.OpenAsync(folder);
            Assert.Equal(new Dictionary<string, string> { ["kept"] = "1", ["after"] = "3" }, await reopened.AllAsync());
        }
    }

    [Fact]
    public async Task Put_WhenTheFlushFails_AcknowledgesNothingAndRefusesFromThenOn()
    {
        using var folder = new TemporaryFolder();
        var files = new ScriptedFiles();
        await using (var journal = await Journals.OpenAsync(folder, files))
        {
            await journal.PutAsync("kept", "1");
            files.Fail(FileStep.Flush);

            var first = await Assert.ThrowsAsync<JournalWriteException>(async () => await journal.PutAsync("kept", "2"));
            Assert.False(first.IsRefused);
            Assert.Equal("1", await journal.TextAsync("kept"));

            files.Before = static _ => { };
            var second = await Assert.ThrowsAsync<JournalWriteException>(async () => await journal.PutAsync("other", "1"));
            Assert.True(second.IsRefused);
            Assert.Contains(first.Message, second.Message, StringComparison.Ordinal);
            Assert.Equal("1", await journal.TextAsync("kept"));
        }

        await using var reopened = await Journals.OpenAsync(folder);
        Assert.Null(await reopened.TextAsync("other"));
    }

    [Fact]
    public async Task Put_WhenWriteAndRepairFail_RefusesFromThenOnAndRecovers()
    {
        using var folder = new TemporaryFolder();
        var files = new ScriptedFiles();
        await using (var journal = await Journals.OpenAsync(folder, files))
        {
            await journal.PutAsync("kept", "1");
            files.Fail(FileStep.Truncate);
            files.TearNextWriteAt = 10;

            await Assert.ThrowsAsync<JournalWriteException>(async () => await journal.PutAsync("kept", "2"));
            files.Before = static _ => { };
            await Assert.ThrowsAsync<JournalWriteException>(async () => await journal.PutAsync("kept", "3"));
        }

        await using var reopened = await Journals.OpenAsync(folder);
        Assert.Equal("1", await reopened.TextAsync("kept"));
        Assert.Equal(10, reopened.Recovery.TornTail!.Bytes);
    }

    [Fact]
    public async Task Put_WhenABatchFails_FailsEveryWriteOfIt()
    {
        using var folder = new TemporaryFolder();
        var files = new ScriptedFiles();
        await using var journal = await Journals.OpenAsync(folder, files);
        using var gate = files.HoldNext(FileStep.Flush);
        var first = journal.PutAsync("first", "1").AsTask();
        await gate.Reached;
        var others = Enumerable.Range(0, 50).Select(i => journal.PutAsync($"key/{i}", "1").AsTask()).ToArray();

        files.TearNextWriteAt = 100;
        gate.Release();
        await first;

        foreach (var other in others)
            await Assert.ThrowsAsync<JournalWriteException>(() => other);
        Assert.Equal(["first"], journal.Keys(""));
    }

    [Theory]
    [InlineData(FileStep.Create)]
    [InlineData(FileStep.FlushFolder)]
    public async Task Put_WhenNoNewSegmentCanBeMade_RefusesAndRecovers(FileStep step)
    {
        using var folder = new TemporaryFolder();
        var files = new ScriptedFiles();
        await using (var journal = await Journals.OpenAsync(folder, files))
        {
            await journal.PutAsync("big", new string('x', Journals.SmallSegment));
            files.Fail(step);

            await Assert.ThrowsAsync<JournalWriteException>(async () => await journal.PutAsync("next", "1"));
        }

        await using var reopened = await Journals.OpenAsync(folder);
        Assert.Equal(["big"], reopened.Keys(""));
        await reopened.PutAsync("next", "1");
    }

    [Theory]
    [InlineData(FileStep.CreateFolder)]
    [InlineData(FileStep.Create)]
    [InlineData(FileStep.Write)]
    [InlineData(FileStep.Flush)]
    public async Task Open_WithoutTheRightToWrite_NamesTheFolderAndFreesIt(FileStep step)
    {
        using var folder = new TemporaryFolder();
        var files = new ScriptedFiles
        {
            Before = next =>
            {
                if (next == step)
                    throw new UnauthorizedAccessException("Access is denied.");
            },
        };

        var exception = await Assert.ThrowsAsync<JournalAccessException>(() => Journals.OpenAsync(folder, files));

        Assert.Equal(folder.Path, exception.Folder);
        Assert.Contains(folder.Path, exception.Message, StringComparison.Ordinal);
        await using var later = await Journals.OpenAsync(folder);
    }

    [Fact]
    public async Task Open_WhereAFileIsInTheWay_NamesTheFolder()
    {
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, "file");
        await File.WriteAllTextAsync(path, "");

        var exception = await Assert.ThrowsAsync<JournalAccessException>(() => Journals.OpenAtAsync(path));

        Assert.Equal(path, exception.Folder);
    }
}
