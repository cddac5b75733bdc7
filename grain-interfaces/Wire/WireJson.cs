using System.Text.Json.Serialization;
using OrleansChat.Core.Answers;
using OrleansChat.Core.Caching;
using OrleansChat.Core.CircuitBreaking;
using OrleansChat.Core.Costs;
using OrleansChat.Core.Costs.InputRatios;
using OrleansChat.Core.Errors;
using OrleansChat.Core.Errors.Incidents;
using OrleansChat.Core.Health.Sla;
using OrleansChat.Core.Idempotency;
using OrleansChat.Core.Keys;
using OrleansChat.Core.RateLimiting;
using OrleansChat.Core.Search;
using OrleansChat.Core.Search.Trials;
using OrleansChat.Core.Sessions;
using OrleansChat.Core.Sessions.Responses;
using OrleansChat.Core.Sessions.Search;
using OrleansChat.Core.Turns;

namespace OrleansChat.GrainInterfaces.Wire;

/// <summary>
/// The records that cross the wire as JSON; those of admission and of running turns have a tighter form beside their grains. Names and values of enumerations are written as text, so that silos and gateways of
/// neighbouring versions understand each other: an unknown member is passed over.
/// </summary>
[JsonSourceGenerationOptions(UseStringEnumConverter = true)]
[JsonSerializable(typeof(AnswerPart))]
[JsonSerializable(typeof(ApiKey))]
[JsonSerializable(typeof(BreakerHistory))]
[JsonSerializable(typeof(BreakerOutcome))]
[JsonSerializable(typeof(BreakerPermit))]
[JsonSerializable(typeof(BreakerSnapshot))]
[JsonSerializable(typeof(Budget))]
[JsonSerializable(typeof(BudgetStatus))]
[JsonSerializable(typeof(CachedAnswer))]
[JsonSerializable(typeof(CollectionInfo))]
[JsonSerializable(typeof(CollectionSettings))]
[JsonSerializable(typeof(CompletedAnswer))]
[JsonSerializable(typeof(ConversationTurnList))]
[JsonSerializable(typeof(CostDecision))]
[JsonSerializable(typeof(CostReservationRequest))]
[JsonSerializable(typeof(CostSettlement))]
[JsonSerializable(typeof(FailureBatch))]
[JsonSerializable(typeof(IdempotencyDecision))]
[JsonSerializable(typeof(IdempotentCall))]
[JsonSerializable(typeof(IncidentList))]
[JsonSerializable(typeof(IngestionTicket))]
[JsonSerializable(typeof(InputBound))]
[JsonSerializable(typeof(InputSample))]
[JsonSerializable(typeof(IssuedKey))]
[JsonSerializable(typeof(KeyChanges))]
[JsonSerializable(typeof(KeyList))]
[JsonSerializable(typeof(LedgerEntry))]
[JsonSerializable(typeof(MessageRange))]
[JsonSerializable(typeof(MigrationCommand))]
[JsonSerializable(typeof(MigrationList))]
[JsonSerializable(typeof(MigrationProgress))]
[JsonSerializable(typeof(MigrationView))]
[JsonSerializable(typeof(MigrationWork))]
[JsonSerializable(typeof(ModelTrial))]
[JsonSerializable(typeof(Problem))]
[JsonSerializable(typeof(RateLimitStatus))]
[JsonSerializable(typeof(RecordedResponse))]
[JsonSerializable(typeof(RateLimits))]
[JsonSerializable(typeof(ServingVersion))]
[JsonSerializable(typeof(SessionChanges))]
[JsonSerializable(typeof(SessionDeadline))]
[JsonSerializable(typeof(SessionDeadlineList))]
[JsonSerializable(typeof(SessionImport))]
[JsonSerializable(typeof(SessionLine))]
[JsonSerializable(typeof(SessionMatchList))]
[JsonSerializable(typeof(SessionPage))]
[JsonSerializable(typeof(SessionQuotation))]
[JsonSerializable(typeof(SessionScope))]
[JsonSerializable(typeof(SessionSettings))]
[JsonSerializable(typeof(SessionView))]
[JsonSerializable(typeof(SlaReport))]
[JsonSerializable(typeof(SlaWindows))]
[JsonSerializable(typeof(TopUp))]
[JsonSerializable(typeof(TopUpList))]
[JsonSerializable(typeof(TurnEvent))]
[JsonSerializable(typeof(TurnRequest))]
[JsonSerializable(typeof(TurnView))]
[JsonSerializable(typeof(VersionList))]
internal sealed partial class WireJson : JsonSerializerContext;
