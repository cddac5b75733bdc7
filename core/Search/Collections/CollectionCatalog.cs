using Microsoft.Extensions.AI;
using Microsoft.Extensions.Options;
using OrleansChat.Core.Actors;
using OrleansChat.Core.Errors;
using OrleansChat.Core.Search.Chunking;
using OrleansChat.Core.Search.Embedding;
using OrleansChat.Core.Search.Metering;
using OrleansChat.Core.Settings;

namespace OrleansChat.Core.Search.Collections;

/// <summary>Creates, changes and lists collections.</summary>
/// <param name="actors">The collections' owners.</param>
/// <param name="embeddings">The embedding models.</param>
/// <param name="chunkers">The chunkers there are.</param>
/// <param name="options">Names the model of a collection that names none.</param>
public sealed class CollectionCatalog(IActorDirectory actors, SearchEmbeddings embeddings, Chunkers chunkers, IOptions<OrleansChatOptions> options)
{
    /// <summary>The only key of the list of collections.</summary>
    public const string IndexKey = "all";

    /// <summary>Creates a collection or changes its settings.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="embeddingModel">Its embedding model; null to keep it, or take the default for a new one.</param>
    /// <param name="chunker">Its chunker; null to keep it, or take <c>auto</c> for a new one.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The collection, and whether it is new.</returns>
    /// <exception cref="RequestException">A name or setting is wrong, or the model may not change any more.</exception>
    /// <exception cref="UpstreamException">The model could not be asked for its dimension.</exception>
    public async ValueTask<(CollectionInfo Collection, bool IsNew)> PutAsync(
        string name, string? embeddingModel, string? chunker, CancellationToken cancellationToken)
    {
        CollectionName.Validate(name);
        var actor = actors.Collection(name);
        while (true)
        {
            var current = (await actor.FindServingAsync(cancellationToken))?.Settings;
            var settings = await SettingsAsync(current, embeddingModel, chunker, cancellationToken);

            // The list first: it leaves out what does not exist, but a collection that it does not name would never be migrated, nor searched unasked.
            await actors.Collections().AddAsync(name, cancellationToken);
            try
            {
                return (await actor.ConfigureAsync(settings, cancellationToken), current is null);
            }
            catch (RequestException) when (embeddingModel is null)
            {
                // A model that is to be kept may have been left meanwhile, when a migration ended.
                if ((await actor.FindServingAsync(cancellationToken))?.Settings == current)
                    throw;
            }
        }
    }

    /// <summary>A collection as it stands.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The collection.</returns>
    /// <exception cref="RequestException">There is no such collection.</exception>
    public async ValueTask<CollectionInfo> GetAsync(string name, CancellationToken cancellationToken) =>
        (CollectionName.IsValid(name) ? await actors.Collection(name).DescribeAsync(cancellationToken) : null)
            ?? throw RequestException.NoCollection(name);

    /// <summary>All collections, in ordinal order of their names.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The collections.</returns>
    public async ValueTask<IReadOnlyList<CollectionInfo>> ListAsync(CancellationToken cancellationToken)
    {
        var names = await actors.Collections().ListAsync(cancellationToken);
        var found = await Task.WhenAll(names.Select(name => actors.Collection(name).DescribeAsync(cancellationToken).AsTask()));
        return [.. found.OfType<CollectionInfo>()];
    }

    /// <summary>The length of a model's vectors.</summary>
    /// <exception cref="RequestException">It is not an embedding model.</exception>
    /// <exception cref="UpstreamException">The model could not be asked.</exception>
    internal async ValueTask<int> DimensionAsync(string model, CancellationToken cancellationToken)
    {
        var generator = embeddings.Generator(model);
        if (generator.GetService<EmbeddingGeneratorMetadata>()?.DefaultModelDimensions is { } known)
            return known;
        return (await embeddings.EmbedAsync(model, EmbeddingPurpose.Document, ["dimension"], SearchPayer.System, cancellationToken))[0].Length;
    }

    private async ValueTask<CollectionSettings> SettingsAsync(
        CollectionSettings? current, string? embeddingModel, string? chunker, CancellationToken cancellationToken)
    {
        var model = embeddingModel ?? current?.EmbeddingModel ?? options.Value.Embeddings.Model;
        var chosen = chunker ?? current?.Chunker ?? Chunkers.Automatic;
        if (!chunkers.Names.Contains(chosen))
            throw RequestException.Invalid("chunker", $"There is no chunker '{chosen}'.", $"Use one of {string.Join(", ", chunkers.Names)}.");
        return new CollectionSettings(model, chosen, current?.EmbeddingModel == model ? current.Dimension : await DimensionAsync(model, cancellationToken));
    }
}
