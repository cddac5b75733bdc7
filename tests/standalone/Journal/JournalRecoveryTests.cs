using OrleansChat.Standalone.Journal;

namespace OrleansChat.Standalone.Tests.Journals;

public sealed class JournalRecoveryTests
{
    private const int FenceBytes = RecordHeader.Bytes;

    [Fact]
    public async Task Open_OnANewFolder_CreatesItWithItsParents()
    {
        using var folder = new TemporaryFolder();
        var nested = Path.Combine(folder.Path, "a", "b");

        await using var journal = await Journals.OpenAtAsync(nested);

        Assert.Equal((0, 0, 0L), (journal.Recovery.Keys, journal.Recovery.Segments, journal.Recovery.Bytes));
        Assert.True(Directory.Exists(nested));
    }

    [Fact]
    public async Task Open_WithATailTornAtAnyByte_DropsOnlyTheLastRecordAndSaysSo()
    {
        using var folder = new TemporaryFolder();
        var length = await WriteThreeAsync(folder);
        var lastStart = length - FenceBytes - Record("last", "three");

        for (var cut = lastStart + 1; cut < length - FenceBytes; cut++)
        {
            using var copy = folder.Copy();
            Truncate(copy.NewLog, cut);

            await using var journal = await Journals.OpenAsync(copy);

            Assert.Equal(new Dictionary<string, string> { ["first"] = "one", ["second"] = "two" }, await journal.AllAsync());
            Assert.Equal(new JournalTornTail(copy.NewLog, lastStart, cut - lastStart), journal.Recovery.TornTail);
            Assert.Equal(lastStart, new FileInfo(copy.NewLog).Length);
        }
    }

    [Fact]
    public async Task Open_WithTheLastBatchFilledWithZeros_DropsIt()
    {
        using var folder = new TemporaryFolder();
        var length = await WriteThreeAsync(folder);
        var lastStart = length - FenceBytes - Record("last", "three");
        Truncate(folder.NewLog, lastStart);
        Truncate(folder.NewLog, lastStart + 3000);

        await using var journal = await Journals.OpenAsync(folder);

        Assert.Equal(2, journal.Recovery.Keys);
        Assert.Equal(3000, journal.Recovery.TornTail!.Bytes);
    }

    [Fact]
    public async Task Open_AfterATornTail_GoesOnAppendingSoundly()
    {
        using var folder = new TemporaryFolder();
        var length = await WriteThreeAsync(folder);
        Truncate(folder.NewLog, length - FenceBytes - 1);
        await using (var journal = await Journals.OpenAsync(folder))
            await journal.PutAsync("last", "again");

        await using var reopened = await Journals.OpenAsync(folder);

        Assert.Null(reopened.Recovery.TornTail);
        Assert.Equal("again", await reopened.TextAsync("last"));
    }

    [Fact]
    public async Task Open_WithATornHeaderOfANewSegment_BeginsItAgain()
    {
        for (var length = 0; length <= SegmentHeader.Bytes; length++)
        {
            using var folder = new TemporaryFolder();
            await WriteThreeAsync(folder);
            await File.WriteAllBytesAsync(Path.Combine(folder.Path, new SegmentName(2, IsMerged: false).FileName), new byte[length]);

            await using (var journal = await Journals.OpenAsync(folder))
                await journal.PutAsync("fourth", "four");

            await using var reopened = await Journals.OpenAsync(folder);
            Assert.Equal(4, reopened.Recovery.Keys);
        }
    }

    [Fact]
    public async Task Open_WithAnyBitFlippedAfterACleanEnd_RefusesNamesTheFileAndChangesNothing()
    {
        using var folder = new TemporaryFolder();
        var length = await WriteThreeAsync(folder);

        for (var at = 0; at < length - FenceBytes; at++)
        {
            using var copy = folder.Copy();
            var damaged = Flip(copy.NewLog, at);

            var exception = await Assert.ThrowsAsync<JournalCorruptException>(() => Journals.OpenAsync(copy));

            Assert.Equal(copy.NewLog, exception.File);
            Assert.InRange(exception.Offset, 0, at);
            Assert.Contains(copy.NewLog, exception.Message, StringComparison.Ordinal);
            Assert.Equal(damaged, await File.ReadAllBytesAsync(copy.NewLog));
        }
    }

    [Fact]
    public async Task Open_WithABitFlippedBeforeTheLastBatchOfACrashedRun_Refuses()
    {
        using var folder = new TemporaryFolder();
        await using var journal = await Journals.OpenAsync(folder);
        await journal.PutAsync("first", "one");
        await journal.PutAsync("second", "two");
        using var crashed = folder.Copy();

        for (var at = SegmentHeader.Bytes; at < SegmentHeader.Bytes + Record("first", "one"); at++)
        {
            using var copy = crashed.Copy();
            Flip(copy.NewLog, at);

            var exception = await Assert.ThrowsAsync<JournalCorruptException>(() => Journals.OpenAsync(copy));

            Assert.Equal(SegmentHeader.Bytes, exception.Offset);
        }
    }

    [Fact]
    public async Task Open_WithASealedSegmentCutAtAnyByte_Refuses()
    {
        using var folder = new TemporaryFolder();
        await using (var journal = await Journals.OpenAsync(folder))
        {
            await journal.PutAsync("first", new string('x', Journals.SmallSegment));
            await journal.PutAsync("second", "two");
        }

        var sealedName = new SegmentName(1, IsMerged: false).FileName;
        var length = new FileInfo(Path.Combine(folder.Path, sealedName)).Length;
        foreach (var cut in new[] { 0, 1, 31, 32, 33, 100, length - FenceBytes - 1, length - FenceBytes, length - 1 })
        {
            using var copy = folder.Copy();
            Truncate(Path.Combine(copy.Path, sealedName), cut);

            var exception = await Assert.ThrowsAsync<JournalCorruptException>(() => Journals.OpenAsync(copy));

            Assert.EndsWith(sealedName, exception.File, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Read_OfARecordDamagedWhileOpen_Throws()
    {
        using var folder = new TemporaryFolder();
        await using var journal = await Journals.OpenAsync(folder);
        await journal.PutAsync("first", "one");
        Flip(folder.NewLog, SegmentHeader.Bytes + RecordHeader.Bytes + "first".Length);

        var exception = await Assert.ThrowsAsync<JournalCorruptException>(async () => await journal.TextAsync("first"));

        Assert.Equal(SegmentHeader.Bytes, exception.Offset);
    }

    [Fact]
    public async Task Open_LeavesForeignFilesAlone()
    {
        using var folder = new TemporaryFolder();
        var foreign = Path.Combine(folder.Path, "notes.log");
        await File.WriteAllTextAsync(foreign, "not a segment");

        await using var journal = await Journals.OpenAsync(folder);

        Assert.Equal("not a segment", await File.ReadAllTextAsync(foreign));
    }

    private static async Task<long> WriteThreeAsync(TemporaryFolder folder)
    {
        await using (var journal = await Journals.OpenAsync(folder))
        {
            await journal.PutAsync("first", "one");
            await journal.PutAsync("second", "two");
            await journal.PutAsync("last", "three");
        }

        return new FileInfo(folder.NewLog).Length;
    }

    private static int Record(string key, string value) => RecordHeader.Bytes + key.Length + value.Length;

    private static void Truncate(string path, long length)
    {
        using var file = File.OpenWrite(path);
        file.SetLength(length);
    }

    private static byte[] Flip(string path, int at)
    {
        var bytes = File.ReadAllBytes(path);
        bytes[at] ^= (byte)(1 << (at % 8));
        File.WriteAllBytes(path, bytes);
        return bytes;
    }
}
