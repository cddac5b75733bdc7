using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using OrleansChat.Core.Search;
using OrleansChat.Core.Search.Chunking;
using OrleansChat.Core.Search.Collections;
using OrleansChat.Core.Search.Embedding;
using OrleansChat.Core.Search.Ingestion;
using OrleansChat.Core.Search.Migrations;
using OrleansChat.Core.Search.Querying;
using OrleansChat.Core.Search.Stores;
using OrleansChat.Core.Search.Trials;
using OrleansChat.Core.Settings;
using OrleansChat.Testing.Actors;
using OrleansChat.Testing.Search;

namespace OrleansChat.Core.Tests.Search.Collections.Model;

/// <summary>Search as one process runs it, which can die at any write.</summary>
internal sealed class MortalSearch : SomeActors
{
    private readonly Lock _gate = new();
    private readonly SearchWorld _world;
    private readonly Dictionary<string, InMemoryActorContext> _contexts = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ICollectionActor> _activations = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ICollectionActor> _collections = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _indexTurn = new(1);
    private ICollectionIndexActor? _index;

    /// <summary>A process that has not loaded anything yet.</summary>
    /// <param name="world">What outlives it.</param>
    /// <param name="stalls">What keeps each of its workers from their steps.</param>
    public MortalSearch(SearchWorld world, IEnumerable<Stall> stalls)
    {
        _world = world;
        _ = Fate.Dead.ContinueWith(_ => Kill(), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        world.States.BeforeWrite = _ =>
        {
            if (!Fate.IsDead)
                Fate.BeforeWrite(mayFailAfter: true);
            if (Fate.IsDead)
                Kill();
            return Task.CompletedTask;
        };
        world.States.AfterWrite = _ =>
        {
            if (!Fate.IsDead)
                Fate.AfterWrite(mayFailAfter: true);
        };

        var options = Options.Create(new OrleansChatOptions { Search = new SearchOptions() });
        var ingestion = new IngestionOptions { BatchChunks = 4 };
        Store = new InMemoryVectorStore(new MortalLog(world.Log, Fate), world.Index);
        var embeddings = new SearchEmbeddings(world.Embedder, world.Clock, options, new EmbeddingMetrics());
        var trials = new ModelTrials(Store, embeddings, NullLogger<ModelTrials>.Instance);
        Catalog = new CollectionCatalog(this, embeddings, Chunkers.Default, options);
        Indexer = new CollectionIndexer(this, Store, embeddings, trials, Chunkers.Default, ingestion);
        Migrations = new CollectionMigrations(this, Catalog, world.Clock);
        Runner = OpenRunner(Store);
        Workers = [.. stalls.Select(stall => OpenRunner(new HeldStore(Store)
        {
            Before = (call, version, document) => stall.PassAsync($"{call} of {document} in {version}"),
        }))];
        Search = new CollectionSearch(this, Store, embeddings, new HitReranking(options, new ScriptedReranker(), null), world.Clock, NullLogger<CollectionSearch>.Instance);

        MigrationRunner OpenRunner(IVectorStore store) =>
            new(this, store, embeddings, trials, ingestion, NullLogger<MigrationRunner>.Instance) { PageSize = 3 };
    }

    public Fate Fate { get; } = new();

    public InMemoryVectorStore Store { get; }

    public CollectionCatalog Catalog { get; }

    public CollectionIndexer Indexer { get; }

    public CollectionMigrations Migrations { get; }

    /// <summary>Works on migrations and never stands still.</summary>
    public MigrationRunner Runner { get; }

    /// <summary>As the processes of a cluster have them: each may stand still while another goes on.</summary>
    public IReadOnlyList<MigrationRunner> Workers { get; }

    public CollectionSearch Search { get; }

    /// <inheritdoc/>
    public override ICollectionActor Collection(string name)
    {
        lock (_gate)
        {
            if (!_collections.TryGetValue(name, out var collection))
                _collections[name] = collection = new OneAtATime(() => Activation(name));
            return collection;
        }
    }

    /// <inheritdoc/>
    public override ICollectionIndexActor Collections() => new IndexReference(this);

    // One that asked for its end is followed by a new one, as in every host.
    private ICollectionActor Activation(string name)
    {
        lock (_gate)
        {
            if (!_activations.TryGetValue(name, out var activation) || _contexts[name].IsDeactivationRequested)
            {
                var context = Context("collection", name);
                _activations[name] = activation = new CollectionActor(context.MainState<CollectionState>(), context, Store, _world.Clock);
            }

            return activation;
        }
    }

    private ICollectionIndexActor Index()
    {
        lock (_gate)
        {
            if (_index is null || _contexts[CollectionCatalog.IndexKey].IsDeactivationRequested)
            {
                var context = Context("collection-index", CollectionCatalog.IndexKey);
                _index = new CollectionIndexActor(context.MainState<CollectionIndexState>(), context);
            }

            return _index;
        }
    }

    private InMemoryActorContext Context(string kind, string key)
    {
        var context = _contexts[key] = new InMemoryActorContext(_world.States, kind, key, this);
        if (Fate.IsDead)
            context.Kill();
        return context;
    }

    private void Kill()
    {
        lock (_gate)
        {
            foreach (var context in _contexts.Values)
                context.Kill();
        }
    }

    private sealed class IndexReference(MortalSearch host) : ICollectionIndexActor
    {
        public async ValueTask AddAsync(string name, CancellationToken cancellationToken)
        {
            await host._indexTurn.WaitAsync(cancellationToken);
            try
            {
                await host.Index().AddAsync(name, cancellationToken);
            }
            finally
            {
                host._indexTurn.Release();
            }
        }

        public ValueTask<IReadOnlyList<string>> ListAsync(CancellationToken cancellationToken) => host.Index().ListAsync(cancellationToken);
    }
}
