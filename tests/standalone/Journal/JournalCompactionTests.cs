using OrleansChat.Standalone.Journal;

namespace OrleansChat.Standalone.Tests.Journals;

public sealed class JournalCompactionTests
{
    [Fact]
    public async Task Compact_GivesBackTheRoomAndKeepsValuesAndVersions()
    {
        using var folder = new TemporaryFolder();
        var versions = new Dictionary<string, long>();
        var journal = await Journals.OpenAsync(folder);
        await WriteAsync(journal, versions, rounds: 20);
        var before = BytesOf(folder);

        await journal.CompactAsync(CancellationToken.None);

        Assert.True(BytesOf(folder) < before / 5);
        Assert.Equal(0, journal.Statistics.GarbageBytes);
        await VerifyAsync(journal, versions);
        await journal.DisposeAsync();
        await using var reopened = await Journals.OpenAsync(folder);
        await VerifyAsync(reopened, versions);
        Assert.Equal(0, reopened.Statistics.GarbageBytes);
    }

    [Fact]
    public async Task Compact_WhenEverythingIsDeleted_LeavesNothingBehind()
    {
        using var folder = new TemporaryFolder();
        await using var journal = await Journals.OpenAsync(folder);
        await WriteAsync(journal, [], rounds: 3);
        foreach (var key in journal.Keys(""))
            await journal.DeleteAsync(key);

        await journal.CompactAsync(CancellationToken.None);

        Assert.Equal((0, 0L, 0L, 1), (journal.Statistics.Keys, journal.Statistics.LiveBytes, journal.Statistics.GarbageBytes, journal.Statistics.Segments));
        Assert.Equal(SegmentHeader.Bytes, BytesOf(folder));
    }

    [Fact]
    public async Task Compact_CrashedAtAnyStep_LosesAndRevivesNothing()
    {
        using var folder = new TemporaryFolder();
        var files = new ScriptedFiles();
        var versions = new Dictionary<string, long>();
        await using var journal = await Journals.OpenAsync(folder, files);
        await WriteAsync(journal, versions, rounds: 6);
        foreach (var key in journal.Keys("key/1"))
        {
            await journal.DeleteAsync(key);
            versions.Remove(key);
        }

        await WriteAsync(journal, versions, rounds: 1, from: 50);
        var snapshots = new List<TemporaryFolder>();
        files.Before = _ => snapshots.Add(folder.Copy());
        await journal.CompactAsync(CancellationToken.None);
        files.Before = static _ => { };

        Assert.True(snapshots.Count > 10);
        foreach (var snapshot in snapshots)
        {
            using (snapshot)
            {
                await using (var crashed = await Journals.OpenAsync(snapshot))
                {
                    await VerifyAsync(crashed, versions);
                    await crashed.CompactAsync(CancellationToken.None);
                    await VerifyAsync(crashed, versions);
                }

                await using var reopened = await Journals.OpenAsync(snapshot);
                await VerifyAsync(reopened, versions);
                Assert.Empty(Directory.GetFiles(snapshot.Path, "*" + SegmentName.UnfinishedExtension));
            }
        }
    }

    [Fact]
    public async Task Compact_WhenAnyStepFails_LosesAndRevivesNothing()
    {
        for (var failing = 0; ; failing++)
        {
            using var folder = new TemporaryFolder();
            var files = new ScriptedFiles();
            var versions = new Dictionary<string, long>();
            await using (var journal = await Journals.OpenAsync(folder, files))
            {
                await WriteAsync(journal, versions, rounds: 4);
                // Sealing the log is the commit loop's work; its faults are shown elsewhere.
                await journal.PutAsync("filler", new string('x', Journals.SmallSegment));
                versions["filler"] = await journal.PutAsync("filler", "");
                var left = failing;
                files.Before = _ =>
                {
                    if (Interlocked.Decrement(ref left) == -1)
                        throw new IOException("No space left on device.");
                };
                var failure = await Record.ExceptionAsync(() => journal.CompactAsync(CancellationToken.None));
                files.Before = static _ => { };
                await VerifyAsync(journal, versions);
                if (failure is null)
                    break;

                await journal.CompactAsync(CancellationToken.None);
                await VerifyAsync(journal, versions);
                Assert.Equal(0, journal.Statistics.GarbageBytes);
            }

            await using var reopened = await Journals.OpenAsync(folder);
            await VerifyAsync(reopened, versions);
        }
    }

    [Fact]
    public async Task Compact_WhileWritersAndReadersGoOn_LosesNothing()
    {
        using var folder = new TemporaryFolder();
        var options = Journals.Small with { SegmentBytes = 64 * 1024, CompactionGarbageRatio = 0.3 };
        var newest = new long[8];
        await using (var journal = await Journals.OpenAsync(folder, options: options))
        {
            var writers = Enumerable.Range(0, newest.Length).Select(writer => Task.Run(async () =>
            {
                for (var i = 0; i < 2000; i++)
                {
                    newest[writer] = await journal.PutAsync($"key/{writer}/{i % 20}", $"{i} " + new string('x', 200));
                    var read = await journal.ReadAsync($"key/{writer}/{i % 20}", CancellationToken.None);
                    Assert.Equal(newest[writer], read!.Version);
                }
            })).ToArray();
            while (!Task.WhenAll(writers).IsCompleted)
                await journal.CompactAsync(CancellationToken.None);
            await Task.WhenAll(writers);
            Assert.True(journal.Statistics.Compactions > 0);
        }

        await using var reopened = await Journals.OpenAsync(folder, options: options);
        var all = await reopened.AllAsync();
        Assert.Equal(20 * newest.Length, all.Count);
        Assert.All(all, pair => Assert.StartsWith((1980 + int.Parse(pair.Key.Split('/')[2])) + " ", pair.Value, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Put_PastTheGarbageRatio_CompactsByItself()
    {
        using var folder = new TemporaryFolder();
        await using var journal = await Journals.OpenAsync(folder, options: Journals.Small with { CompactionGarbageRatio = 0.5 });

        // Ends when compaction has run; a journal that never compacts by itself would grow without end and fail here.
        for (var i = 0; journal.Statistics.Compactions < 10; i++)
        {
            Assert.True(i < 100_000);
            await journal.PutAsync($"key/{i % 5}", new string('x', 200));
        }

        Assert.Equal(5, journal.Statistics.Keys);
    }

    [Fact]
    public async Task Dispose_DuringACompaction_WaitsForItsStep()
    {
        using var folder = new TemporaryFolder();
        var files = new ScriptedFiles();
        var versions = new Dictionary<string, long>();
        var journal = await Journals.OpenAsync(folder, files);
        await WriteAsync(journal, versions, rounds: 3);
        // Half the keys once more, so that sealed segments hold values beside garbage and there is something to move.
        await WriteAsync(journal, versions, rounds: 1, from: 30);
        using var gate = files.HoldNext(FileStep.Move);

        var compaction = journal.CompactAsync(CancellationToken.None);
        await gate.Reached;
        var disposal = journal.DisposeAsync().AsTask();
        Assert.False(disposal.IsCompleted);
        gate.Release();
        await disposal;
        await Record.ExceptionAsync(() => compaction);

        await using var reopened = await Journals.OpenAsync(folder);
        await VerifyAsync(reopened, versions);
    }

    [Fact]
    public async Task Read_HoldingASegmentThatCompactionRemoves_StillSucceeds()
    {
        using var folder = new TemporaryFolder();
        await using var journal = await Journals.OpenAsync(folder);
        for (var i = 0; i < 100; i++)
            await journal.PutAsync($"key/{i:D3}", new string('x', 100));
        for (var i = 0; i < 100; i += 2)
            await journal.PutAsync($"key/{i:D3}", "new");

        var seen = 0;
        await foreach (var (key, value) in journal.ReadAllAsync("key/", CancellationToken.None))
        {
            if (seen++ == 10)
                await journal.CompactAsync(CancellationToken.None);
            Assert.Equal(int.Parse(key[4..]) % 2 == 0 ? 3 : 100, value.Bytes.Length);
        }

        Assert.Equal(100, seen);
    }

    private static async Task WriteAsync(Journal.Journal journal, Dictionary<string, long> versions, int rounds, int from = 0)
    {
        for (var round = 0; round < rounds; round++)
        {
            for (var i = from; i < from + 60; i++)
                versions[$"key/{i}"] = await journal.PutAsync($"key/{i}", $"{i} in round {round} " + new string('x', 60));
        }
    }

    private static async Task VerifyAsync(Journal.Journal journal, Dictionary<string, long> versions)
    {
        Assert.Equal(versions.Keys.Order(StringComparer.Ordinal), journal.Keys(""));
        foreach (var (key, version) in versions)
            Assert.Equal(version, (await journal.ReadAsync(key, CancellationToken.None))!.Version);
    }

    private static long BytesOf(TemporaryFolder folder) =>
        new DirectoryInfo(folder.Path).GetFiles().Where(static file => file.Name != FolderLock.FileName).Sum(static file => file.Length);
}
