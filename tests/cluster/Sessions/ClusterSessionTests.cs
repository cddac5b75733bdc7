using OrleansChat.Cluster.Tests.Hosts;
using OrleansChat.Contract.Tests.Sessions;
using Xunit.Abstractions;

namespace OrleansChat.Cluster.Tests.Sessions;

public sealed class ClusterSessionTests(ITestOutputHelper output) : SessionContract<ClusterContractHost>(output);
