using System.Collections.Concurrent;
using System.Formats.Tar;
using System.Globalization;
using System.Text;
using OrleansChat.Core.Errors;
using OrleansChat.Standalone.Journal;
using OrleansChat.Testing;
using Xunit.Abstractions;

namespace OrleansChat.Standalone.Tests.Journals;

public sealed class JournalSnapshotTests(ITestOutputHelper output)
{
    [Fact]
    public async Task Snapshot_TakenUnderWritesAndCompaction_HoldsAllThatWasAcknowledgedBefore()
    {
        var random = Seed.Print(output);
        using var folder = new TemporaryFolder();
        using var restored = new TemporaryFolder();
        using var stop = new CancellationTokenSource();
        var acknowledged = new ConcurrentDictionary<string, int>();
        await using (var journal = await Journals.OpenAsync(folder))
        {
            var writers = Enumerable.Range(0, 4).Select(writer => WriteAsync(journal, writer, new Random(random.Next()), acknowledged, stop.Token)).ToArray();
            var compacting = CompactAsync(journal, stop.Token);
            for (var round = 0; round < 4; round++)
            {
                await TestWait.UntilAsync(() => acknowledged.Values.Sum() > (round + 1) * 400);
                var before = acknowledged.ToDictionary();
                using var archive = new MemoryStream();
                await journal.WriteSnapshotAsync(archive, default);
                archive.Position = 0;
                var target = new DirectoryInfo(Path.Combine(restored.Path, $"{round}"));
                await JournalBackup.UnpackAsync(archive, target, default);
                await using var copy = await Journals.OpenAtAsync(target.FullName);
                Assert.Null(copy.Recovery.TornTail);
                foreach (var (key, value) in before)
                    Assert.True(int.Parse((await copy.TextAsync(key))!, CultureInfo.InvariantCulture) >= value, key);
            }

            await stop.CancelAsync();
            await Task.WhenAll([.. writers, compacting]);
        }
    }

    [Theory]
    [InlineData("../0000000001.log")]
    [InlineData("sub/0000000001.log")]
    [InlineData("orleanschat.json")]
    public async Task Unpack_AnArchiveWithOtherNames_IsRefused(string name)
    {
        using var folder = new TemporaryFolder();
        using var archive = new MemoryStream();
        await using (var writer = new TarWriter(archive, leaveOpen: true))
            await writer.WriteEntryAsync(new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream([1]) });
        archive.Position = 0;

        var target = new DirectoryInfo(Path.Combine(folder.Path, "target"));
        await Assert.ThrowsAsync<RequestException>(() => JournalBackup.UnpackAsync(archive, target, default));

        Assert.Empty(target.EnumerateFileSystemInfos());
        Assert.Equal(["target"], new DirectoryInfo(folder.Path).EnumerateFileSystemInfos().Select(file => file.Name));
    }

    [Fact]
    public async Task Unpack_IntoAFolderThatIsNotEmpty_IsRefused()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(Path.Combine(folder.Path, "x"), "x");
        var refused = await Assert.ThrowsAsync<RequestException>(() => JournalBackup.UnpackAsync(Stream.Null, new DirectoryInfo(folder.Path), default));
        Assert.Contains("not empty", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Unpack_AFileThatIsNoArchive_IsRefused()
    {
        using var folder = new TemporaryFolder();
        using var archive = new MemoryStream(Encoding.UTF8.GetBytes(new string('x', 2_000)));
        await Assert.ThrowsAnyAsync<OrleansChatException>(() => JournalBackup.UnpackAsync(archive, new DirectoryInfo(Path.Combine(folder.Path, "t")), default));
    }

    private static async Task WriteAsync(Journal.Journal journal, int writer, Random random, ConcurrentDictionary<string, int> acknowledged, CancellationToken stop)
    {
        for (var value = 1; !stop.IsCancellationRequested; value++)
        {
            var key = $"{writer}/{random.Next(20)}";
            await journal.PutAsync(key, $"{value}");
            acknowledged[key] = value;
        }
    }

    private static async Task CompactAsync(Journal.Journal journal, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
            await journal.CompactAsync(default);
    }
}
