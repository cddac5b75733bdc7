using OrleansChat.Contract.Tests.Hosts;
using Xunit.Abstractions;

namespace OrleansChat.Contract.Tests.Sessions;

public sealed class StandaloneSessionTests(ITestOutputHelper output) : SessionContract(output)
{
    protected override Task<IContractHost> StartHostAsync() => StandaloneContractHost.StartAsync();
}
