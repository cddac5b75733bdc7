using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using OrleansChat.Core.Search.Indexing;
using OrleansChat.Core.Search.Passages;
using OrleansChat.Core.Search.Stores;
using OrleansChat.Core.Settings;
using OrleansChat.Testing;
using OrleansChat.VectorQdrant.Connection;

namespace OrleansChat.VectorQdrant.Tests.Server;

/// <summary>
/// The scripts of <c>deploy/qdrant</c> against the server at <c>QDRANT_URL</c>; its REST address is <c>QDRANT_REST_URL</c>, or port 6333 of the same machine.
/// </summary>
public sealed class QdrantBackupTests
{
    [Fact]
    public async Task WhatWasBackedUp_IsFoundAfterARestore()
    {
        var grpc = new Uri(Environment.GetEnvironmentVariable("QDRANT_URL")!);
        var rest = Environment.GetEnvironmentVariable("QDRANT_REST_URL") ?? $"{grpc.Scheme}://{grpc.Host}:6333";
        var prefix = $"orleanschat-backup-{Guid.NewGuid():N}-";
        var options = new QdrantOptions { Url = grpc.OriginalString, ApiKey = Environment.GetEnvironmentVariable("QDRANT_API_KEY"), CollectionPrefix = prefix };
        using var connection = new QdrantConnection(options, TimeProvider.System);
        IVectorStore store = new QdrantVectorStore(connection, options, TimeProvider.System, NullLogger<QdrantVectorStore>.Instance);
        var version = new CollectionVersion("docs", 3);
        var backup = Directory.CreateTempSubdirectory("orleanschat-qdrant-").FullName;
        try
        {
            await store.CreateAsync(version, 2, default);
            var passage = new IndexedPassage { DocumentId = "a", Ordinal = 0, Text = "a quick fox" };
            await store.PutAsync(version, new DocumentPassages(new StoredDocument("a", 7, "hash", 1), [new EmbeddedPassage(passage, new float[] { 1, 0 })]), default);

            await RunAsync("backup", Path.Combine(backup, "taken"), rest, prefix);
            await store.DropAsync(version, default);
            await RunAsync("restore", Path.Combine(backup, "taken"), rest, prefix);

            var found = await store.SearchAsync(version, new PassageQuery { Mode = SearchMode.Lexical, Text = "fox" }, default);
            Assert.Equal("a quick fox", Assert.Single(found).Passage.Text);
            Assert.Equal(7, (await store.FindAsync(version, ["a"], default))["a"].Revision);
        }
        finally
        {
            await store.DropAsync(version, default);
            Directory.Delete(backup, recursive: true);
        }
    }

    private static async Task RunAsync(string script, string folder, string url, string prefix)
    {
        var start = new ProcessStartInfo("/bin/sh", [Path.Combine(RepositoryFolder.Root, "deploy", "qdrant", script), folder, url]) { RedirectStandardError = true };
        start.Environment["COLLECTION_PREFIX"] = prefix;
        using var process = Process.Start(start)!;
        var errors = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, errors);
    }
}
