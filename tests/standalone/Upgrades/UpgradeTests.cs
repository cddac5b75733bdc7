using System.IO.Compression;
using System.Text.Json;
using OrleansChat.Standalone.Tests.Executable;
using OrleansChat.Standalone.Tests.Journals;
using OrleansChat.Testing;

namespace OrleansChat.Standalone.Tests.Upgrades;

/// <summary>
/// A version reads what older ones wrote. What they wrote is beside this file, each an archive as <c>backup</c> makes it and what the version that wrote it
/// answered. To add that of the present version, run <see cref="ThisVersion_KilledAndStartedAgain_HasAllThatItKept"/> with the environment variable
/// <c>ORLEANSCHAT_KEEP_DATA</c> set to the path that the two shall have, without their endings.
/// </summary>
public sealed class UpgradeTests : IDisposable
{
    private const string KeepData = "ORLEANSCHAT_KEEP_DATA";

    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> Versions =>
        [.. Directory.EnumerateFiles(Path.Combine(AppContext.BaseDirectory, "Upgrades"), "*.json").Select(file => Path.GetFileNameWithoutExtension(file)).Order(StringComparer.Ordinal)];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task ThisVersion_OnDataOfAnOlderOne_HasAllThatItKept(string version)
    {
        var archive = Path.Combine(_folder.Path, "backup.tar");
        await using (var packed = new GZipStream(File.OpenRead(FileOf(version, "tar.gz")), CompressionMode.Decompress))
        await using (var unpacked = File.Create(archive))
            await packed.CopyToAsync(unpacked);
        var restored = await ServerProcess.RunAsync(_folder.Path, "restore", archive);
        Assert.True(restored.ExitCode == 0, restored.Errors);

        await AssertKeptAsync(JsonSerializer.Deserialize<KeptAnswers>(await File.ReadAllTextAsync(FileOf(version, "json")))!);
    }

    [Fact]
    public async Task ThisVersion_KilledAndStartedAgain_HasAllThatItKept()
    {
        KeptAnswers before;
        await using (var upstream = await ScriptedUpstream.StartAsync())
        await using (var server = await ServerProcess.StartAsync(_folder.Path, KeptData.SettingsFor(upstream)))
        {
            before = await new KeptData(server.Http).FillAsync(upstream);
            await server.KillAsync();
        }

        if (Environment.GetEnvironmentVariable(KeepData) is { Length: > 0 } path)
            await KeepAsync(before, path);
        await AssertKeptAsync(before);
    }

    private static string FileOf(string version, string ending) => Path.Combine(AppContext.BaseDirectory, "Upgrades", $"{version}.{ending}");

    private async Task AssertKeptAsync(KeptAnswers before)
    {
        await using var upstream = await ScriptedUpstream.StartAsync();
        await using var server = await ServerProcess.StartAsync(_folder.Path, KeptData.SettingsFor(upstream));
        await new KeptData(server.Http).CheckAsync(before, upstream);
    }

    private async Task KeepAsync(KeptAnswers answers, string path)
    {
        await File.WriteAllTextAsync($"{path}.json", JsonSerializer.Serialize(answers));
        await using var packed = new GZipStream(File.Create($"{path}.tar.gz"), CompressionLevel.SmallestSize);
        await using var archive = new System.Formats.Tar.TarWriter(packed);
        foreach (var segment in Directory.EnumerateFiles(Path.Combine(_folder.Path, "data"), "*.log"))
            await archive.WriteEntryAsync(segment, Path.GetFileName(segment));
    }
}
