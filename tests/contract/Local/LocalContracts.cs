using OrleansChat.Contract.Tests.Admission;
using OrleansChat.Contract.Tests.Caching;
using OrleansChat.Contract.Tests.CircuitBreaking;
using OrleansChat.Contract.Tests.Costs;
using OrleansChat.Contract.Tests.Errors;
using OrleansChat.Contract.Tests.Health;
using OrleansChat.Contract.Tests.Idempotency;
using OrleansChat.Contract.Tests.Keys;
using OrleansChat.Contract.Tests.RateLimiting;
using OrleansChat.Contract.Tests.Search;
using OrleansChat.Contract.Tests.Sessions;
using Xunit.Abstractions;

namespace OrleansChat.Contract.Tests.Local;

public sealed class LocalRateLimiterTests(ITestOutputHelper output) : RateLimiterContract<LocalHost>(output);

public sealed class LocalCostTrackerTests(ITestOutputHelper output) : CostTrackerContract<LocalHost>(output);

public sealed class LocalInputRatioTests : InputRatioContract<LocalHost>;

public sealed class LocalCircuitBreakerTests : CircuitBreakerContract<LocalHost>;

public sealed class LocalIncidentsTests : IncidentsContract<LocalHost>;

public sealed class LocalSlaTests : SlaContract<LocalHost>;

public sealed class LocalApiKeysTests : ApiKeysContract<LocalHost>;

public sealed class LocalIdempotencyTests : IdempotencyContract<LocalHost>;

public sealed class LocalResponseCacheTests : ResponseCacheContract<LocalHost>;

public sealed class LocalCollectionTests : CollectionContract<LocalHost>;

public sealed class LocalSharedEmbeddingsTests : SharedEmbeddingsContract<LocalHost>;

public sealed class LocalAdmissionTests(ITestOutputHelper output) : AdmissionContract<LocalHost>(output);

public sealed class LocalGrantTests : GrantContract<LocalHost>;

public sealed class LocalLapsedAdmissionTests : LapsedAdmissionContract<LocalHost>;

public sealed class LocalPatientAdmissionTests : PatientAdmissionContract<LocalHost>;

public sealed class LocalPatientLimiterTests : PatientLimiterContract<LocalHost>;

public sealed class LocalLimiterInputTests : LimiterInputContract<LocalHost>;

public sealed class LocalSessionTests : SessionContract<LocalSessionHost>;

public sealed class LocalSessionTurnTests(ITestOutputHelper output) : SessionTurnContract<LocalSessionHost>(output);

public sealed class LocalConversationSearchTests : ConversationSearchContract<LocalSessionHost>;
