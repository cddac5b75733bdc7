using OrleansChat.Core.Search.Stores;
using OrleansChat.Core.Tests.Search;
using Xunit.Abstractions;

namespace OrleansChat.Contract.Tests.Search;

public sealed class InMemoryVectorStoreContractTests(ITestOutputHelper output) : VectorStoreContract(output)
{
    protected override Task<IVectorStore> OpenAsync() => Task.FromResult<IVectorStore>(new InMemoryVectorStore(new MemoryPassageLog()));
}
