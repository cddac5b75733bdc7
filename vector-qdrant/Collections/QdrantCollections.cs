using System.Collections.Concurrent;
using Grpc.Core;
using OrleansChat.Core.Errors;
using OrleansChat.Core.Search.Stores;
using OrleansChat.Core.Settings;
using OrleansChat.VectorQdrant.Connection;
using OrleansChat.VectorQdrant.Passages;
using Qdrant.Client.Grpc;

namespace OrleansChat.VectorQdrant.Collections;

/// <summary>Makes and drops versions, and knows their dimension.</summary>
internal sealed class QdrantCollections(QdrantConnection qdrant, QdrantOptions options)
{
    private readonly QdrantNames _names = new(options);
    private readonly ConcurrentDictionary<string, int> _dimensions = new(StringComparer.Ordinal);

    /// <summary>The name to use a version by.</summary>
    public string NameOf(CollectionVersion version) => _names.Alias(version);

    /// <summary>
    /// Makes a version: collection, indexes, alias. Each step can be repeated, so that a start that died half-way is finished by the next.
    /// </summary>
    public async Task CreateAsync(CollectionVersion version, int dimension, CancellationToken cancellationToken)
    {
        if (await FindAsync(version, cancellationToken) is null)
        {
            var collection = _names.Collection(version);
            if (!await ExistsAsync(collection, cancellationToken))
                await CreateAsync(collection, dimension, cancellationToken);
            await ThrowIfDifferentAsync(version, collection, dimension, cancellationToken);
            foreach (var (field, type) in CollectionSchema.Indexes)
            {
                var index = CollectionSchema.Index(collection, field, type);
                await qdrant.CallAsync((client, call) => client.Points.CreateFieldIndexAsync(index, call), cancellationToken);
            }

            var alias = new CreateAlias { AliasName = NameOf(version), CollectionName = collection };
            await ChangeAsync(new AliasOperations { CreateAlias = alias }, cancellationToken);
        }

        await ThrowIfDifferentAsync(version, NameOf(version), dimension, cancellationToken);
    }

    /// <summary>Drops a version: its collection, and with it its alias. What is not there is left alone.</summary>
    public async Task DropAsync(CollectionVersion version, CancellationToken cancellationToken)
    {
        _dimensions.TryRemove(NameOf(version), out _);
        var collection = await FindAsync(version, cancellationToken) ?? _names.Collection(version);
        var request = new DeleteCollection { CollectionName = collection };
        if (await ExistsAsync(collection, cancellationToken))
            await qdrant.CallAsync((client, call) => client.Collections.DeleteAsync(request, call), cancellationToken);
        if (await FindAsync(version, cancellationToken) is not null)
            await ChangeAsync(new AliasOperations { DeleteAlias = new DeleteAlias { AliasName = NameOf(version) } }, cancellationToken);
    }

    /// <summary>The length of a version's vectors.</summary>
    /// <exception cref="QdrantNotFoundException">There is no such version.</exception>
    public async Task<int> DimensionAsync(CollectionVersion version, CancellationToken cancellationToken)
    {
        var name = NameOf(version);
        if (!_dimensions.TryGetValue(name, out var dimension))
            _dimensions[name] = dimension = await ReadDimensionAsync(name, cancellationToken);
        return dimension;
    }

    /// <summary>Forgets what was known of a version that turned out not to be there.</summary>
    public void Forget(CollectionVersion version) => _dimensions.TryRemove(NameOf(version), out _);

    private async Task CreateAsync(string collection, int dimension, CancellationToken cancellationToken)
    {
        var request = CollectionSchema.Create(collection, dimension, options);
        try
        {
            await qdrant.CallAsync((client, call) => client.Collections.CreateAsync(request, call), cancellationToken);
        }
        catch (OrleansChatException refusal) when (refusal.InnerException is RpcException
        {
            StatusCode: StatusCode.AlreadyExists or StatusCode.InvalidArgument,
        })
        {
            // Another process may have been quicker.
            if (!await ExistsAsync(collection, cancellationToken))
                throw;
        }
    }

    private async Task ThrowIfDifferentAsync(CollectionVersion version, string name, int dimension, CancellationToken cancellationToken)
    {
        var existing = await ReadDimensionAsync(name, cancellationToken);
        if (existing != dimension)
            throw RequestException.Invalid("dimension", $"{version} has vectors of {existing} dimensions, not {dimension}.");
    }

    private async Task<int> ReadDimensionAsync(string name, CancellationToken cancellationToken)
    {
        var request = new GetCollectionInfoRequest { CollectionName = name };
        var info = await qdrant.CallAsync((client, call) => client.Collections.GetAsync(request, call), cancellationToken);
        return info.Result.Config.Params.VectorsConfig?.ParamsMap?.Map.TryGetValue(PayloadKeys.Dense, out var vectors) == true
            ? (int)vectors.Size
            : throw new StorageException($"Qdrant's collection '{name}' was not made by this product: it has no vector '{PayloadKeys.Dense}'.");
    }

    // The collection behind a version's alias; null where there is no such version.
    private async Task<string?> FindAsync(CollectionVersion version, CancellationToken cancellationToken)
    {
        var request = new ListAliasesRequest();
        var aliases = await qdrant.CallAsync((client, call) => client.Collections.ListAliasesAsync(request, call), cancellationToken);
        return aliases.Aliases.FirstOrDefault(alias => alias.AliasName == NameOf(version))?.CollectionName;
    }

    private async Task<bool> ExistsAsync(string collection, CancellationToken cancellationToken)
    {
        var request = new CollectionExistsRequest { CollectionName = collection };
        var answer = await qdrant.CallAsync((client, call) => client.Collections.CollectionExistsAsync(request, call), cancellationToken);
        return answer.Result.Exists;
    }

    private Task<CollectionOperationResponse> ChangeAsync(AliasOperations change, CancellationToken cancellationToken)
    {
        var request = new ChangeAliases { Actions = { change } };
        return qdrant.CallAsync((client, call) => client.Collections.UpdateAliasesAsync(request, call), cancellationToken);
    }
}
