using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using OrleansChat.Core.Health;
using OrleansChat.Core.Search;
using OrleansChat.Core.Search.Chunking;
using OrleansChat.Core.Search.Collections;
using OrleansChat.Core.Search.Embedding;
using OrleansChat.Core.Search.Ingestion;
using OrleansChat.Core.Search.Metering;
using OrleansChat.Core.Search.Migrations;
using OrleansChat.Core.Search.Querying;
using OrleansChat.Core.Search.Stores;
using OrleansChat.Core.Search.Trials;
using OrleansChat.Core.Settings;
using OrleansChat.Core.Tests.Turns;
using OrleansChat.Testing;
using OrleansChat.Testing.Actors;
using OrleansChat.Testing.Search;

namespace OrleansChat.Core.Tests.Search;

/// <summary>Search over memory, as far as one process runs it. <see cref="RestartAsync"/> is a crash and a new start.</summary>
internal sealed class SearchBench : SomeActors
{
    private readonly Dictionary<string, ICollectionActor> _collections = new(StringComparer.Ordinal);
    private ICollectionIndexActor? _index;

    /// <param name="admission">What calls to models have to pass; null for nothing.</param>
    public SearchBench(RecordingAdmission? admission = null)
    {
        Admission = admission;
        Build();
    }

    public RecordingAdmission? Admission { get; }

    public RouteWalker Router { get; } = new();

    public Fallbacks Fallbacks { get; } = new();

    public FakeClock Clock { get; } = new();

    public SearchPayer Payer { get; set; } = SearchPayer.System;

    /// <summary>Nothing is cached, so that tests see every text that is asked for.</summary>
    public IOptions<OrleansChatOptions> SearchOptions { get; } = Options.Create(new OrleansChatOptions
    {
        Embeddings = new EmbeddingsOptions { CacheTtl = TimeSpan.Zero },
        Search = new SearchOptions { RerankModel = "scripted/rerank" },
    });

    public ScriptedReranker Reranker { get; } = new();

    public SearchEmbeddings Embeddings { get; private set; } = null!;

    public CollectionMigrations Migrations { get; private set; } = null!;

    public MigrationRunner Runner { get; private set; } = null!;

    public InMemoryStore States { get; } = new();

    public MemoryPassageLog Log { get; } = new();

    public ScriptedEmbedder Embedder { get; } = new();

    public InMemoryVectorStore Store { get; private set; } = null!;

    public CollectionCatalog Catalog { get; private set; } = null!;

    public CollectionIndexer Indexer { get; private set; } = null!;

    public CollectionSearch Search { get; private set; } = null!;

    /// <summary>Another worker on migrations, as another process has one.</summary>
    /// <param name="store">The store as it has it.</param>
    public MigrationRunner OpenRunner(IVectorStore store) => new(
        this,
        store,
        Embeddings,
        new ModelTrials(Store, Embeddings, NullLogger<ModelTrials>.Instance),
        new IngestionOptions { BatchChunks = 4 },
        NullLogger<MigrationRunner>.Instance)
    {
        PageSize = 3,
    };

    public async Task RestartAsync()
    {
        _collections.Clear();
        _index = null;
        Build();
        await Store.LoadAsync(CancellationToken.None);
    }

    public Task<IngestionReport> IndexAsync(params SourceDocument[] documents) => Indexer.IndexAsync("docs", documents, Payer, CancellationToken.None);

    public async Task<IReadOnlyList<SearchHit>> FindAsync(string query) =>
        (await Search.SearchAsync(new SearchRequest { Collection = "docs", Query = query, Payer = Payer }, CancellationToken.None)).Hits;

    public async Task CreateAsync() => await Catalog.PutAsync("docs", "scripted/letters", null, CancellationToken.None);

    public override ICollectionActor Collection(string name)
    {
        if (!_collections.TryGetValue(name, out var actor))
        {
            var context = new InMemoryActorContext(States, "collection", name, this);
            var activation = new CollectionActor(context.MainState<CollectionState>(), context, Store, Clock);
            _collections[name] = actor = new OneAtATime(() => activation);
        }

        return actor;
    }

    public override ICollectionIndexActor Collections()
    {
        var context = new InMemoryActorContext(States, "collection-index", CollectionCatalog.IndexKey, this);
        return _index ??= new CollectionIndexActor(context.MainState<CollectionIndexState>(), context);
    }

    private void Build()
    {
        Store = new InMemoryVectorStore(Log);
        var calls = Admission is null ? null : new SearchCalls(Admission, Router, new FixedModels(), Clock, NullLogger<SearchCalls>.Instance);
        Embeddings = new SearchEmbeddings(Embedder, Clock, SearchOptions, new EmbeddingMetrics(), calls: calls);
        Catalog = new CollectionCatalog(this, Embeddings, Chunkers.Default, Options.Create(new OrleansChatOptions()));
        var trials = new ModelTrials(Store, Embeddings, NullLogger<ModelTrials>.Instance);
        Indexer = new CollectionIndexer(this, Store, Embeddings, trials, Chunkers.Default, new IngestionOptions { BatchChunks = 4 });
        Migrations = new CollectionMigrations(this, Catalog, Clock);
        Runner = OpenRunner(Store);
        Search = new CollectionSearch(this, Store, Embeddings, new HitReranking(SearchOptions, Reranker, calls), Clock, NullLogger<CollectionSearch>.Instance, Fallbacks);
    }
}
