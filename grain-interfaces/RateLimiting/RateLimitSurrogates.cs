using Orleans.Serialization.Cloning;
using OrleansChat.Core.RateLimiting;

namespace OrleansChat.GrainInterfaces.RateLimiting;

/// <summary>
/// <see cref="RateLimits"/> on the wire. Admissions are the cluster's most frequent calls, so they travel in Orleans' own format and not as JSON;
/// a number that is given once stays with its member for good, and an unknown one is passed over.
/// </summary>
[GenerateSerializer, Alias("orleanschat.rate-limits")]
internal struct RateLimitsSurrogate
{
    [Id(0)]
    public int? RequestsPerMinute;

    [Id(1)]
    public long? TokensPerMinute;

    [Id(2)]
    public int? RequestsPerDay;

    [Id(3)]
    public int? MaxConcurrent;

    [Id(4)]
    public long? MaxTokensPerRequest;

    [Id(5)]
    public int Pacing;

    [Id(6)]
    public int? Burst;

    [Id(7)]
    public long? MaxWaitTicks;
}

/// <summary><see cref="RateLimitRequest"/> on the wire.</summary>
[GenerateSerializer, Alias("orleanschat.rate-limit-request")]
internal struct RateLimitRequestSurrogate
{
    [Id(0)]
    public string OperationId;

    [Id(1)]
    public RateLimits Limits;

    [Id(2)]
    public long Tokens;

    [Id(3)]
    public long LeaseTicks;

    [Id(4)]
    public bool Tentative;

    [Id(5)]
    public bool Describe;
}

/// <summary><see cref="RateLimitDecision"/> on the wire.</summary>
[GenerateSerializer, Alias("orleanschat.rate-limit-decision")]
internal struct RateLimitDecisionSurrogate
{
    [Id(0)]
    public bool Admitted;

    [Id(1)]
    public string? Limit;

    [Id(2)]
    public long? RetryAfterTicks;

    [Id(3)]
    public RateLimitStatus? Status;

    [Id(4)]
    public bool Waiting;
}

/// <summary>Converts <see cref="RateLimits"/>.</summary>
[RegisterConverter]
internal sealed class RateLimitsConverter : IConverter<RateLimits, RateLimitsSurrogate>
{
    public RateLimits ConvertFromSurrogate(in RateLimitsSurrogate surrogate) => new()
    {
        RequestsPerMinute = surrogate.RequestsPerMinute,
        TokensPerMinute = surrogate.TokensPerMinute,
        RequestsPerDay = surrogate.RequestsPerDay,
        MaxConcurrent = surrogate.MaxConcurrent,
        MaxTokensPerRequest = surrogate.MaxTokensPerRequest,
        Pacing = (Pacing)surrogate.Pacing,
        Burst = surrogate.Burst,
        MaxWait = surrogate.MaxWaitTicks is { } ticks ? new TimeSpan(ticks) : null,
    };

    public RateLimitsSurrogate ConvertToSurrogate(in RateLimits value) => new()
    {
        RequestsPerMinute = value.RequestsPerMinute,
        TokensPerMinute = value.TokensPerMinute,
        RequestsPerDay = value.RequestsPerDay,
        MaxConcurrent = value.MaxConcurrent,
        MaxTokensPerRequest = value.MaxTokensPerRequest,
        Pacing = (int)value.Pacing,
        Burst = value.Burst,
        MaxWaitTicks = value.MaxWait?.Ticks,
    };
}

/// <summary>Converts <see cref="RateLimitRequest"/>.</summary>
[RegisterConverter]
internal sealed class RateLimitRequestConverter : IConverter<RateLimitRequest, RateLimitRequestSurrogate>
{
    public RateLimitRequest ConvertFromSurrogate(in RateLimitRequestSurrogate surrogate) => new()
    {
        OperationId = surrogate.OperationId,
        Limits = surrogate.Limits,
        Tokens = surrogate.Tokens,
        Lease = new TimeSpan(surrogate.LeaseTicks),
        Tentative = surrogate.Tentative,
        Describe = surrogate.Describe,
    };

    public RateLimitRequestSurrogate ConvertToSurrogate(in RateLimitRequest value) => new()
    {
        OperationId = value.OperationId,
        Limits = value.Limits,
        Tokens = value.Tokens,
        LeaseTicks = value.Lease.Ticks,
        Tentative = value.Tentative,
        Describe = value.Describe,
    };
}

/// <summary>Converts <see cref="RateLimitDecision"/>.</summary>
[RegisterConverter]
internal sealed class RateLimitDecisionConverter : IConverter<RateLimitDecision, RateLimitDecisionSurrogate>
{
    public RateLimitDecision ConvertFromSurrogate(in RateLimitDecisionSurrogate surrogate) => new()
    {
        Admitted = surrogate.Admitted,
        Limit = surrogate.Limit,
        RetryAfter = surrogate.RetryAfterTicks is { } ticks ? new TimeSpan(ticks) : null,
        Status = surrogate.Status,
        Waiting = surrogate.Waiting,
    };

    public RateLimitDecisionSurrogate ConvertToSurrogate(in RateLimitDecision value) => new()
    {
        Admitted = value.Admitted,
        Limit = value.Limit,
        RetryAfterTicks = value.RetryAfter?.Ticks,
        Status = value.Status,
        Waiting = value.Waiting,
    };
}

/// <summary>In one process, limits are handed on as they are: they cannot be changed.</summary>
[RegisterCopier]
internal sealed class RateLimitsCopier : ShallowCopier<RateLimits>;

/// <summary>In one process, a request is handed on as it is.</summary>
[RegisterCopier]
internal sealed class RateLimitRequestCopier : ShallowCopier<RateLimitRequest>;

/// <summary>In one process, a decision is handed on as it is.</summary>
[RegisterCopier]
internal sealed class RateLimitDecisionCopier : ShallowCopier<RateLimitDecision>;
