using System.Text;
using OrleansChat.Core.Answers;
using OrleansChat.Core.Caching;
using OrleansChat.Core.Settings;
using OrleansChat.Testing;
using OrleansChat.Testing.Actors;
using Xunit.Abstractions;

namespace OrleansChat.Core.Tests.Caching;

public sealed class ResponseCacheActorTests(ITestOutputHelper output)
{
    private static readonly TimeSpan Ttl = TimeSpan.FromMinutes(10);
    private readonly FakeClock _clock = new();
    private readonly InMemoryStore _store = new();
    private readonly TestOptions<OrleansChatOptions> _settings = new(new OrleansChatOptions { Cache = new() { Ttl = Ttl, MaxAnswerBytes = 100 } });

    [Fact]
    public async Task Answer_IsGivenUntilItsTimeAndNoLonger()
    {
        var actor = Activate();
        await actor.PutAsync("a", Answer("hello"), default);
        _clock.Advance(Ttl - TimeSpan.FromTicks(1));
        Assert.Equal("hello", await FindAsync(Activate(), "a"));
        _clock.Advance(TimeSpan.FromTicks(1));
        Assert.Null(await FindAsync(actor, "a"));
    }

    [Fact]
    public async Task Answer_KeepsItsHeadAndItsCost()
    {
        await Activate().PutAsync("a", Answer("hello"), default);
        var found = await Activate().FindAsync("a", default);
        Assert.Equal((new AnswerHead(200, "text/plain"), 5), (found!.Head, found.NanoUsd));
    }

    [Fact]
    public async Task AnswerOverTheLimit_IsNotKept()
    {
        var actor = Activate();
        await actor.PutAsync("a", Answer(new string('x', 101)), default);
        Assert.Null(await FindAsync(actor, "a"));
    }

    [Fact]
    public async Task FullShard_DropsItsOldestAnswerAndItsBytes()
    {
        var actor = Activate();
        for (var i = 0; i <= ResponseCacheActor.MaxAnswers; i++)
            await actor.PutAsync($"k{i}", Answer($"{i}"), default);
        Assert.Null(await FindAsync(actor, "k0"));
        Assert.Equal("1", await FindAsync(actor, "k1"));
        Assert.Equal(ResponseCacheActor.MaxAnswers, _store.Keys.Count(key => key.Contains("answer", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task RandomCalls_AgreeWithAPlainModel()
    {
        var seed = Random.Shared.Next();
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        var model = new Dictionary<string, (string Text, DateTimeOffset Until)>();
        var actor = Activate();
        for (var step = 0; step < 1000; step++)
        {
            _clock.Advance(TimeSpan.FromSeconds(random.Next(120)));
            var id = $"k{random.Next(10)}";
            if (random.Next(20) == 0)
                actor = Activate();
            if (random.Next(3) == 0)
            {
                await actor.PutAsync(id, Answer($"{step}"), default);
                model[id] = ($"{step}", _clock.GetUtcNow() + Ttl);
            }

            var expected = model.TryGetValue(id, out var known) && known.Until > _clock.GetUtcNow() ? known.Text : null;
            Assert.Equal(expected, await FindAsync(actor, id));
        }
    }

    private static CachedAnswer Answer(string text) => new(new AnswerHead(200, "text/plain"), Encoding.UTF8.GetBytes(text), text.Length);

    private static async Task<string?> FindAsync(ResponseCacheActor actor, string id) =>
        await actor.FindAsync(id, default) is { } found ? Encoding.UTF8.GetString(found.Body) : null;

    private ResponseCacheActor Activate()
    {
        var context = new InMemoryActorContext(_store, "response-cache", "shared:00", null!);
        return new ResponseCacheActor(context, context.MainState<CacheShardState>(), _clock, _settings);
    }
}
