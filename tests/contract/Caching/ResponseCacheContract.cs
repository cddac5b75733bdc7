using OrleansChat.Contract.Tests.Hosting;
using OrleansChat.Core.Answers;
using OrleansChat.Core.Caching;

namespace OrleansChat.Contract.Tests.Caching;

/// <summary>What the owner of cached answers promises on every host.</summary>
/// <typeparam name="THost">Starts the host.</typeparam>
public abstract class ResponseCacheContract<THost> : ActorContract<THost>
    where THost : IActorHostFactory
{
    [Fact]
    public async Task Answer_OutlivesACrashByteByByte()
    {
        var answer = new CachedAnswer(new AnswerHead(200, "text/event-stream"), [.. Enumerable.Range(0, 70_000).Select(i => (byte)i)], 42);
        await Actors.ResponseCache("shared:00").PutAsync("a", answer, default);
        await Host.CrashAsync();
        Assert.Equivalent(answer, await Actors.ResponseCache("shared:00").FindAsync("a", default), strict: true);
    }

    [Fact]
    public async Task Answer_IsKnownToItsShardAlone()
    {
        await Actors.ResponseCache("key:a:00").PutAsync("a", new CachedAnswer(new AnswerHead(200, null), [1], 0), default);
        Assert.Null(await Actors.ResponseCache("key:b:00").FindAsync("a", default));
        Assert.Null(await Actors.ResponseCache("shared:00").FindAsync("a", default));
    }
}
