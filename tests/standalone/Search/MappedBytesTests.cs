using OrleansChat.Core.Errors;
using OrleansChat.Standalone.Search;
using OrleansChat.Standalone.Tests.Journals;
using OrleansChat.Testing;
using Xunit.Abstractions;

namespace OrleansChat.Standalone.Tests.Search;

public sealed class MappedBytesTests(ITestOutputHelper output)
{
    [Fact]
    public void Read_AfterPagesWereHandedBack_GivesWhatWasAppended()
    {
        var random = Seed.Print(output);
        using var folder = new TemporaryFolder();
        var store = new MappedStores(folder.Path).Create();
        var appended = new List<(long Place, byte[] Bytes)>();

        // Several times what is kept resident, in records of which one is larger than the first files.
        for (var total = 0; total < 100 << 20; total += appended[^1].Bytes.Length)
        {
            var bytes = new byte[appended.Count == 3 ? 5 << 20 : random.Next(0, 300_000)];
            random.NextBytes(bytes);
            appended.Add((store.Append(bytes), bytes));
        }

        for (var read = 0; read < 2_000; read++)
        {
            var (place, bytes) = appended[random.Next(appended.Count)];
            var found = new byte[bytes.Length];
            store.Read(place, found);
            Assert.True(bytes.AsSpan().SequenceEqual(found));
        }

        if (!OperatingSystem.IsWindows())
            Assert.Empty(Directory.GetFiles(folder.Path));
    }

    [Fact]
    public void MappedStores_OnAFolderWithFilesOfADeadProcess_RemovesThem()
    {
        using var folder = new TemporaryFolder();
        var left = Path.Combine(folder.Path, "left.rows");
        var other = Path.Combine(folder.Path, "other.txt");
        File.WriteAllText(left, "x");
        File.WriteAllText(other, "x");

        _ = new MappedStores(folder.Path);

        Assert.False(File.Exists(left));
        Assert.True(File.Exists(other));
    }

    [Fact]
    public void Append_WhereNoFileCanBe_SaysSo()
    {
        using var folder = new TemporaryFolder();
        var file = Path.Combine(folder.Path, "file");
        File.WriteAllText(file, "x");

        Assert.Throws<StorageException>(() => new MappedStores(file).Create().Append([1]));
    }
}
