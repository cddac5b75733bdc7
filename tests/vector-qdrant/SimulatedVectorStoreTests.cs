using OrleansChat.Contract.Tests.Search;
using OrleansChat.Core.Search.Stores;
using OrleansChat.VectorQdrant.Tests.Simulation;
using Xunit.Abstractions;

namespace OrleansChat.VectorQdrant.Tests;

public sealed class SimulatedVectorStoreTests(ITestOutputHelper output) : VectorStoreContract(output)
{
    protected override Task<IVectorStore> OpenAsync() =>
        Task.FromResult(TestStore.Over(new SimulatedQdrant(), TestStore.Options with { CommitDelay = TimeSpan.FromMilliseconds(100) }));
}
