using OrleansChat.Cluster.Tests.Hosts;
using OrleansChat.Contract.Tests.Admission;
using OrleansChat.Contract.Tests.Caching;
using OrleansChat.Contract.Tests.CircuitBreaking;
using OrleansChat.Contract.Tests.Costs;
using OrleansChat.Contract.Tests.Errors;
using OrleansChat.Contract.Tests.Health;
using OrleansChat.Contract.Tests.Hosting;
using OrleansChat.Contract.Tests.Idempotency;
using OrleansChat.Contract.Tests.Keys;
using OrleansChat.Contract.Tests.RateLimiting;
using OrleansChat.Contract.Tests.Search;
using OrleansChat.Contract.Tests.Sessions;
using Xunit.Abstractions;

namespace OrleansChat.Cluster.Tests;

[Collection(ActorClusterGroup.Name)]
public sealed class ClusterRateLimiterTests(ActorCluster cluster, ITestOutputHelper output) : RateLimiterContract<ClusterHost>(output)
{
    protected override Task<IActorHost> StartAsync() => cluster.LendAsync();
}

[Collection(ActorClusterGroup.Name)]
public sealed class ClusterCostTrackerTests(ActorCluster cluster, ITestOutputHelper output) : CostTrackerContract<ClusterHost>(output)
{
    protected override Task<IActorHost> StartAsync() => cluster.LendAsync();
}

[Collection(ActorClusterGroup.Name)]
public sealed class ClusterInputRatioTests(ActorCluster cluster) : InputRatioContract<ClusterHost>
{
    protected override Task<IActorHost> StartAsync() => cluster.LendAsync();
}

[Collection(ActorClusterGroup.Name)]
public sealed class ClusterCircuitBreakerTests(ActorCluster cluster) : CircuitBreakerContract<ClusterHost>
{
    protected override Task<IActorHost> StartAsync() => cluster.LendAsync();
}

[Collection(ActorClusterGroup.Name)]
public sealed class ClusterAdmissionTests(ActorCluster cluster, ITestOutputHelper output) : AdmissionContract<ClusterHost>(output)
{
    protected override Task<IActorHost> StartAsync() => cluster.LendAsync();
}

[Collection(ActorClusterGroup.Name)]
public sealed class ClusterGrantTests(ActorCluster cluster) : GrantContract<ClusterHost>
{
    protected override Task<IActorHost> StartAsync() => cluster.LendAsync();
}

[Collection(ActorClusterGroup.Name)]
public sealed class ClusterIncidentsTests(ActorCluster cluster) : IncidentsContract<ClusterHost>
{
    protected override Task<IActorHost> StartAsync() => cluster.LendAsync();
}

[Collection(ActorClusterGroup.Name)]
public sealed class ClusterSharedEmbeddingsTests(ActorCluster cluster) : SharedEmbeddingsContract<ClusterHost>
{
    protected override Task<IActorHost> StartAsync() => cluster.LendAsync();
}

[Collection(ActorClusterGroup.Name)]
public sealed class ClusterSlaTests(ActorCluster cluster) : SlaContract<ClusterHost>
{
    protected override Task<IActorHost> StartAsync() => cluster.LendAsync();
}

[Collection(ActorClusterGroup.Name)]
public sealed class ClusterApiKeysTests(ActorCluster cluster) : ApiKeysContract<ClusterHost>
{
    protected override Task<IActorHost> StartAsync() => cluster.LendAsync();
}

[Collection(ActorClusterGroup.Name)]
public sealed class ClusterCollectionTests(ActorCluster cluster) : CollectionContract<ClusterHost>
{
    protected override Task<IActorHost> StartAsync() => cluster.LendAsync();
}

[Collection(ActorClusterGroup.Name)]
public sealed class ClusterIdempotencyTests(ActorCluster cluster) : IdempotencyContract<ClusterHost>
{
    protected override Task<IActorHost> StartAsync() => cluster.LendAsync();
}

[Collection(ActorClusterGroup.Name)]
public sealed class ClusterResponseCacheTests(ActorCluster cluster) : ResponseCacheContract<ClusterHost>
{
    protected override Task<IActorHost> StartAsync() => cluster.LendAsync();
}

[Collection(SessionClusterGroup.Name)]
public sealed class ClusterSessionTests(SessionCluster cluster) : SessionContract<ClusterSessionHost>
{
    protected override Task<ISessionHost> StartAsync() => cluster.LendAsync();
}

[Collection(SessionClusterGroup.Name)]
public sealed class ClusterSessionTurnTests(SessionCluster cluster, ITestOutputHelper output) : SessionTurnContract<ClusterSessionHost>(output)
{
    protected override Task<ISessionHost> StartAsync() => cluster.LendAsync();
}

[Collection(SessionClusterGroup.Name)]
public sealed class ClusterConversationSearchTests(SessionCluster cluster) : ConversationSearchContract<ClusterSessionHost>
{
    protected override Task<ISessionHost> StartAsync() => cluster.LendAsync();
}

[Collection(ActorClusterGroup.Name)]
public sealed class ClusterLapsedAdmissionTests(ActorCluster cluster) : LapsedAdmissionContract<ClusterHost>
{
    protected override Task<IActorHost> StartAsync() => cluster.LendAsync();
}

[Collection(ActorClusterGroup.Name)]
public sealed class ClusterPatientAdmissionTests(ActorCluster cluster) : PatientAdmissionContract<ClusterHost>
{
    protected override Task<IActorHost> StartAsync() => cluster.LendAsync();
}

[Collection(ActorClusterGroup.Name)]
public sealed class ClusterPatientLimiterTests(ActorCluster cluster) : PatientLimiterContract<ClusterHost>
{
    protected override Task<IActorHost> StartAsync() => cluster.LendAsync();
}

[Collection(ActorClusterGroup.Name)]
public sealed class ClusterLimiterInputTests(ActorCluster cluster) : LimiterInputContract<ClusterHost>
{
    protected override Task<IActorHost> StartAsync() => cluster.LendAsync();
}
