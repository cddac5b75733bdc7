using System.Diagnostics;
using System.Security.Cryptography;

namespace OrleansChat.Deploy.Tests.Qdrant;

/// <summary>The scripts of <c>deploy/qdrant</c>, as an operator runs them, against a server that speaks Qdrant's REST interface.</summary>
public sealed class BackupScriptTests : IAsyncLifetime
{
    private const string Docs = "orleanschat-docs_v3.data";
    private const string Wiki = "orleanschat-wiki_v1.rebuilt";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("orleanschat-qdrant-");
    private FakeQdrant _old = null!;
    private FakeQdrant _new = null!;

    private string Backup => Path.Combine(_folder.FullName, "backup");

    public async Task InitializeAsync()
    {
        (_old, _new) = (await FakeQdrant.StartAsync(), await FakeQdrant.StartAsync());
        _old.Aliases["orleanschat-docs_v3"] = Docs;
        _old.Aliases["orleanschat-wiki_v1"] = Wiki;
        _old.Aliases["somebody-elses"] = "theirs";
        _old.Collections[Docs] = RandomNumberGenerator.GetBytes(3_000_000);
        _old.Collections[Wiki] = [0, 13, 10, 26, 255];
        _old.Collections["theirs"] = [1];
        _old.Collections["orleanschat-half_v1.data"] = [2];
    }

    public async Task DisposeAsync()
    {
        await _old.DisposeAsync();
        await _new.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task WhatWasBackedUp_ComesBackWhole(bool isOld)
    {
        _old.IsOld = isOld;

        Assert.Equal((0, ""), await RunAsync("backup", Backup, _old.Url));
        Assert.Equal((0, ""), await RunAsync("restore", Backup, _new.Url + "/"));

        Assert.Equal(new SortedDictionary<string, string> { ["orleanschat-docs_v3"] = Docs, ["orleanschat-wiki_v1"] = Wiki }, new SortedDictionary<string, string>(_new.Aliases));
        Assert.Equal([Docs, Wiki], _new.Collections.Keys.Order());
        Assert.Equal(_old.Collections[Docs], _new.Collections[Docs]);
        Assert.Equal(_old.Collections[Wiki], _new.Collections[Wiki]);
    }

    [Fact]
    public async Task Backup_CallsNothingElse_AndLeavesNothingOnTheServer()
    {
        await RunAsync("backup", Backup, _old.Url);

        Assert.Empty(_old.Snapshots);
        Assert.Equal("GET /aliases", _old.Calls[0]);
        Assert.Equal(7, _old.Calls.Count);
        foreach (var collection in (string[])[Docs, Wiki])
        {
            var at = $"/collections/{collection}/snapshots";
            var name = $"{collection}-3766212330831337-2026-08-04-11-48-45.snapshot";
            Assert.Equal([$"POST {at}", $"GET {at}/{name}", $"DELETE {at}/{name}"], _old.Calls.Where(call => call.Contains(at, StringComparison.Ordinal)));
        }
    }

    [Fact]
    public async Task Restore_GivesAliasesLast_InOneCall()
    {
        await RunAsync("backup", Backup, _old.Url);
        await RunAsync("restore", Backup, _new.Url);

        Assert.Equal("GET /aliases", _new.Calls[0]);
        Assert.All(_new.Calls.Skip(1).Take(2), call => Assert.Matches("^POST /collections/[^/]+/snapshots/upload\\?priority=snapshot&checksum=[0-9a-f]{64}$", call));
        Assert.Equal(["POST /collections/aliases"], _new.Calls.Skip(3));
    }

    [Theory]
    [InlineData("POST /collections/" + Wiki, "no snapshot was made")]
    [InlineData("GET /collections/" + Wiki, "its snapshot could not be read")]
    public async Task Backup_OfWhichOneCollectionFails_IsNone(string call, string said)
    {
        _old.Fault = seen => seen.StartsWith(call, StringComparison.Ordinal) ? 500 : null;

        var (exit, errors) = await RunAsync("backup", Backup, _old.Url);

        Assert.Equal(1, exit);
        Assert.Contains($"{Wiki}: {said}", errors, StringComparison.Ordinal);
        Assert.Contains("No space left on device", errors, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Backup));
        Assert.Empty(_old.Snapshots);
    }

    [Fact]
    public async Task Backup_OfASnapshotThatArrivesInPart_IsNone()
    {
        _old.Way = static bytes => bytes[..^1];

        var (exit, errors) = await RunAsync("backup", Backup, _old.Url);

        Assert.Equal(1, exit);
        Assert.Contains("did not arrive whole", errors, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Backup));
        Assert.Empty(_old.Snapshots);
    }

    [Fact]
    public async Task Backup_WithAnotherKeyOrPrefix_SaysSo()
    {
        var (exit, errors) = await RunAsync("backup", Backup, _old.Url, ("QDRANT_API_KEY", "another"));
        Assert.Equal(1, exit);
        Assert.Contains("Must provide an API key", errors, StringComparison.Ordinal);

        (exit, errors) = await RunAsync("backup", Backup, _old.Url, ("COLLECTION_PREFIX", "nobodys-"));
        Assert.Equal(1, exit);
        Assert.Contains("begins with 'nobodys-'", errors, StringComparison.Ordinal);

        Assert.Equal((0, ""), await RunAsync("backup", Backup, _old.Url, ("COLLECTION_PREFIX", "somebody-")));
        Assert.Equal(["SHA256SUMS", "aliases", "theirs.snapshot"], Directory.GetFiles(Backup).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Restore_ThatBreaksOff_GivesNoAlias_AndCanBeDoneAgain()
    {
        await RunAsync("backup", Backup, _old.Url);
        _new.Fault = static call => call.StartsWith("POST /collections/" + Wiki, StringComparison.Ordinal) ? 507 : null;

        var (exit, errors) = await RunAsync("restore", Backup, _new.Url);
        Assert.Equal(1, exit);
        Assert.Contains($"{Wiki}: not restored", errors, StringComparison.Ordinal);
        Assert.Empty(_new.Aliases);

        _new.Fault = static _ => null;
        Assert.Equal((0, ""), await RunAsync("restore", Backup, _new.Url));
        Assert.Equal(2, _new.Aliases.Count);
    }

    [Fact]
    public async Task Restore_OverWhatIsInUse_ChangesNothing()
    {
        await RunAsync("backup", Backup, _old.Url);
        var before = _old.Calls.Count;

        var (exit, errors) = await RunAsync("restore", Backup, _old.Url);

        Assert.Equal(1, exit);
        Assert.Contains("already", errors, StringComparison.Ordinal);
        Assert.Equal(["GET /aliases"], _old.Calls.Skip(before));
    }

    [Fact]
    public async Task Restore_OfAFileThatHasChanged_CallsNobody()
    {
        await RunAsync("backup", Backup, _old.Url);
        var file = Path.Combine(Backup, Docs + ".snapshot");
        var bytes = await File.ReadAllBytesAsync(file);
        bytes[^1] ^= 1;
        await File.WriteAllBytesAsync(file, bytes);

        var (exit, errors) = await RunAsync("restore", Backup, _new.Url);

        Assert.Equal(1, exit);
        Assert.Contains("has changed since", errors, StringComparison.Ordinal);
        Assert.Empty(_new.Calls);
    }

    private static async Task<(int ExitCode, string Errors)> RunAsync(string script, string folder, string url, params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo("/bin/sh", [Repository.PathOf("deploy", "qdrant", script), folder, url]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment.Remove("COLLECTION_PREFIX");
        start.Environment["NO_PROXY"] = "*";
        start.Environment["QDRANT_API_KEY"] = FakeQdrant.Key;
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = await process.StandardError.ReadToEndAsync();
        await output;
        await process.WaitForExitAsync();
        return (process.ExitCode, errors);
    }
}
