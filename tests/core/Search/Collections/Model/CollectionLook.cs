using OrleansChat.Core.Search;
using OrleansChat.Core.Search.Filters;
using OrleansChat.Core.Search.Indexing;
using OrleansChat.Core.Search.Passages;
using OrleansChat.Core.Search.Querying;
using OrleansChat.Core.Search.Stores;

namespace OrleansChat.Core.Tests.Search.Collections.Model;

/// <summary>Looks at a collection, and holds what is seen against what callers know.</summary>
/// <param name="model">What they know.</param>
internal sealed class CollectionLook(DocumentModel model)
{
    /// <summary>The collection.</summary>
    public const string Name = "docs";

    // As many as a search may have: each round has fewer passages, so that none is missing for want of room.
    private const int All = SearchRequest.MaxLimit;

    private static readonly SearchMode[] Modes = [SearchMode.Lexical, SearchMode.Dense, SearchMode.Hybrid];

    /// <summary>Searches while others change documents: whatever is found was in the collection meanwhile, and whatever was there all the time is found.</summary>
    public async Task SearchAsync(MortalSearch host, Random random)
    {
        var mode = Modes[random.Next(Modes.Length)];
        int? group = random.Next(3) == 0 ? random.Next(2) : null;
        var since = model.Now();
        var found = await FindAsync(host, mode, group);
        foreach (var id in model.Ids)
            Hold(id, found.GetValueOrDefault(id), model.Possible(id, since), group, $"{mode} search by group {group} since {since}");
    }

    /// <summary>Looks in every way while nobody changes anything: all ways show the same, which callers may expect, and nothing else is left in the stores.</summary>
    /// <returns>The documents.</returns>
    public async Task<Dictionary<string, ModelDocument>> RestAsync(MortalSearch host, SearchWorld world)
    {
        var since = model.Now();
        var seen = await FindAsync(host, SearchMode.Lexical, null);
        foreach (var id in model.Ids)
            Hold(id, seen.GetValueOrDefault(id), model.Possible(id, since), null, "search at rest");
        foreach (var mode in Modes)
        {
            Assert.Equivalent(seen, await FindAsync(host, mode, null), strict: true);
            foreach (var group in new[] { 0, 1 })
                Assert.Equivalent(seen.Where(document => document.Value.Group == group).ToDictionary(), await FindAsync(host, mode, group), strict: true);
        }

        var serving = (await host.Collection(Name).FindServingAsync(default))!;
        Assert.Equal(seen.Select(document => (document.Key, document.Value.Parts)).Order(), await ListAsync(host));
        var collection = await host.Catalog.GetAsync(Name, default);
        Assert.Equal((seen.Count, seen.Values.Sum(document => document.Parts)), (collection.Documents, collection.Chunks));
        Assert.Contains(await host.Catalog.ListAsync(default), listed => listed == collection);
        await CheckVectorsAsync(host, world, serving, seen);
        return seen;
    }

    private static async Task<Dictionary<string, ModelDocument>> FindAsync(MortalSearch host, SearchMode mode, int? group)
    {
        var answer = await host.Search.SearchAsync(
            new SearchRequest
            {
                Collection = Name,
                Query = ModelDocument.Common,
                Mode = mode,
                Limit = All,
                Filter = group is { } number ? new SearchFilter.Equal(ModelDocument.Field, MetadataValue.Of(number)) : null,
            },
            default);
        return answer.Hits.GroupBy(hit => hit.DocumentId).ToDictionary(document => document.Key, Content, StringComparer.Ordinal);
    }

    // A document is found in whole, once, and in one version.
    private static ModelDocument Content(IGrouping<string, SearchHit> document)
    {
        var word = Assert.Single(document.Select(hit => ModelDocument.WordOf(hit.Text)).Distinct());
        var group = Assert.Single(document.Select(hit => hit.Metadata[ModelDocument.Field].Number).Distinct());
        Assert.Equal(Enumerable.Range(0, document.Count()).Select(part => $"{document.Key}#{part}").Order(), document.Select(hit => hit.ChunkId).Order());
        return new ModelDocument(word, document.Count(), (int)group);
    }

    private void Hold(string id, ModelDocument? seen, IReadOnlyList<ModelDocument?> possible, int? group, string how)
    {
        var visible = possible.Select(content => content is null || group is null || content.Group == group ? content : null);
        if (!visible.Contains(seen))
        {
            Assert.Fail($"{id} is {DocumentChange.Told(seen)} in a {how}, and may be {string.Join(" or ", possible.Select(DocumentChange.Told))}.\n{model.Story(id)}");
        }
    }

    private static async Task<List<(string Id, int Chunks)>> ListAsync(MortalSearch host)
    {
        var listed = new List<(string, int)>();
        for (string? cursor = null; ;)
        {
            var page = await host.Indexer.ListAsync(Name, cursor, 3, default);
            listed.AddRange(page.Documents.Select(document => (document.Id, document.Chunks)));
            if ((cursor = page.Next) is null)
                return [.. listed.Order()];
        }
    }

    // Each by the model that answers, whatever was embedded before by which other.
    private static async Task CheckVectorsAsync(MortalSearch host, SearchWorld world, ServingVersion serving, Dictionary<string, ModelDocument> seen)
    {
        foreach (var id in seen.Keys)
        {
            foreach (var (passage, vector) in (await host.Store.ReadAsync(serving.Version, id, default))!.Passages)
                Assert.Equal(world.VectorOf(serving.Settings.EmbeddingModel, passage), vector.ToArray(), (a, b) => Math.Abs(a - b) < 1e-5);
        }
    }

    /// <summary>Holds what is durable against what is needed: the versions that the collection's state names, and in the one that answers the documents there are.</summary>
    public static void CheckStores(SearchWorld world, Dictionary<string, ModelDocument> seen)
    {
        var state = world.StateOf(Name);
        var kept = state.Migrations.SelectMany(migration => migration.Status switch
        {
            MigrationStatus.Completed => [migration.From],
            MigrationStatus.Failed => [migration.To],
            MigrationStatus.RolledBack when migration.IsBackwards => [migration.To],
            MigrationStatus.Finished or MigrationStatus.RolledBack => Array.Empty<int>(),
            _ => [migration.From, migration.To],
        });
        var versions = kept.Append(state.Version).Distinct().Select(number => new CollectionVersion(Name, number)).ToList();
        Assert.Equal(versions.Select(PassageLogKey.Of).Order(), world.Log.Keys.Where(key => key.StartsWith(PassageLogKey.Versions, StringComparison.Ordinal)).Order());

        var documents = world.Log.Keys.Where(key => key.StartsWith(PassageLogKey.Documents, StringComparison.Ordinal)).ToLookup(PassageLogKey.VersionOf);
        Assert.Empty(documents.Select(version => version.Key).Except(versions));
        var serving = new CollectionVersion(Name, state.Version);
        Assert.Equal(seen.Keys.Select(id => PassageLogKey.Of(serving, id)).Order(), documents[serving].Order());
    }
}
