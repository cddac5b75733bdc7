using OrleansChat.Core.Actors;
using OrleansChat.Core.Keys;
using OrleansChat.Core.RateLimiting;
using OrleansChat.Core.Sessions;

namespace OrleansChat.Cluster.Bench.Chats;

/// <summary>What a client does for a chat beside its turns: a limit is asked, a session opened and looked at, the limit settled.</summary>
internal static class ShortChat
{
    private const int Keys = 50;
    private const int Owners = 16;
    private static readonly RateLimits Limits = new() { RequestsPerMinute = 100_000_000, MaxConcurrent = 1_000_000 };

    public static async Task RunAsync(IActorDirectory actors, long number)
    {
        var operation = Guid.CreateVersion7().ToString();
        var owner = new ApiKey { Id = $"owner-{number % Owners}" };
        var limiter = actors.RateLimiter($"key:{number % Keys}");
        await limiter.AcquireAsync(new RateLimitRequest { OperationId = operation, Limits = Limits }, default);
        var session = actors.Session(operation);
        await session.CreateAsync(owner, new SessionSettings(), default);
        await session.DescribeAsync(owner, SessionScope.ActivePath, default);
        await limiter.SettleAsync(operation, 0, default);
    }
}
