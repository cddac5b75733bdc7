using OrleansChat.Cluster.Tests.Hosts;
using OrleansChat.Contract.Tests.Admission;
using OrleansChat.Contract.Tests.CircuitBreaking;
using OrleansChat.Contract.Tests.Costs;
using OrleansChat.Contract.Tests.RateLimiting;
using OrleansChat.Contract.Tests.Sessions;
using Xunit.Abstractions;

namespace OrleansChat.Cluster.Tests;

public sealed class ClusterRateLimiterTests(ITestOutputHelper output) : RateLimiterContract<ClusterHost>(output);

public sealed class ClusterCostTrackerTests(ITestOutputHelper output) : CostTrackerContract<ClusterHost>(output);

public sealed class ClusterCircuitBreakerTests : CircuitBreakerContract<ClusterHost>;

public sealed class ClusterAdmissionTests(ITestOutputHelper output) : AdmissionContract<ClusterHost>(output);

public sealed class ClusterSessionTests(ITestOutputHelper output) : SessionContract<ClusterSessionHost>(output);
