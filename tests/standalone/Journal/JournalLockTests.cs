using OrleansChat.Standalone.Journal;

namespace OrleansChat.Standalone.Tests.Journals;

public sealed class JournalLockTests
{
    [Fact]
    public async Task Open_ASecondTime_NamesTheFolderAndTheHolder()
    {
        using var folder = new TemporaryFolder();
        await using var journal = await Journals.OpenAsync(folder);

        var exception = await Assert.ThrowsAsync<JournalLockedException>(() => Journals.OpenAsync(folder));

        Assert.Equal(folder.Path, exception.Folder);
        Assert.Contains(folder.Path, exception.Message, StringComparison.Ordinal);
        if (!OperatingSystem.IsWindows())
            Assert.Equal(Environment.ProcessId, exception.ProcessId);
        await journal.PutAsync("key", "still works");
    }

    [Fact]
    public async Task Open_AfterDispose_Succeeds()
    {
        using var folder = new TemporaryFolder();
        await using (await Journals.OpenAsync(folder))
        {
        }

        await using var again = await Journals.OpenAsync(folder);
    }

    [Fact]
    public async Task Open_AfterARefusedStart_IsNotLocked()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(Path.Combine(folder.Path, new SegmentName(1, IsMerged: true).FileName), "damaged");
        await Assert.ThrowsAsync<JournalCorruptException>(() => Journals.OpenAsync(folder));

        await Assert.ThrowsAsync<JournalCorruptException>(() => Journals.OpenAsync(folder));
    }
}
