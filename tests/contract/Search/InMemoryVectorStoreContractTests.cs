using OrleansChat.Core.Search.Dense;
using OrleansChat.Core.Search.Indexing;
using OrleansChat.Core.Search.Stores;
using OrleansChat.Testing.Search;
using Xunit.Abstractions;

namespace OrleansChat.Contract.Tests.Search;

public sealed class InMemoryVectorStoreContractTests(ITestOutputHelper output) : VectorStoreContract(output)
{
    protected override Task<IVectorStore> OpenAsync() => Task.FromResult<IVectorStore>(new InMemoryVectorStore(new MemoryPassageLog()));
}

/// <summary>The same with vectors of bytes, as one machine has them.</summary>
public sealed class ByteVectorStoreContractTests(ITestOutputHelper output) : VectorStoreContract(output)
{
    protected override Task<IVectorStore> OpenAsync() => Task.FromResult<IVectorStore>(
        new InMemoryVectorStore(new MemoryPassageLog(), new PassageIndexOptions { Precision = VectorPrecision.Quantized }));
}
