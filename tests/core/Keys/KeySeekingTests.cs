using Microsoft.Extensions.Logging.Abstractions;
using OrleansChat.Core.Errors;
using OrleansChat.Core.Keys;
using OrleansChat.Core.Settings;
using OrleansChat.Testing;
using OrleansChat.Testing.Actors;

namespace OrleansChat.Core.Tests.Keys;

/// <summary>A process that hears late of what others change. Whoever has just been given a secret may use it anywhere.</summary>
public sealed class KeySeekingTests : IDisposable
{
    private readonly FakeClock _clock = new();
    private readonly LateKeys _keys = new();
    private readonly KeyWatch _watch;
    private readonly KeyRing _ring;

    public KeySeekingTests()
    {
        var settings = new TestOptions<OrleansChatOptions>(new OrleansChatOptions { ApiKeys = [new ApiKeyOptions { Id = "configured", Secret = "sk-one" }] });
        _watch = new KeyWatch(_keys, settings, _clock, NullLogger<KeyWatch>.Instance);
        _ring = new KeyRing(settings, _watch, _clock);
    }

    public void Dispose()
    {
        _ring.Dispose();
        _watch.Dispose();
    }

    [Fact]
    public async Task Seek_ASecretThatAnotherProcessMade_FindsItBeforeItIsHeardOf()
    {
        var secret = KeySecret.Create();
        Assert.Null(await _ring.SeekAsync(secret, default));

        _keys.Make("a", secret);

        Assert.Null(await _ring.FindAsync(secret, default));
        Assert.Equal("a", (await _ring.SeekAsync(secret, default))?.Id);
        Assert.Equal("a", (await _ring.FindAsync(secret, default))?.Id);
    }

    [Fact]
    public async Task Seek_WhatIsKnown_OrNoSecretOfAKeyMadeAtRunTime_AsksNobody()
    {
        var secret = KeySecret.Create();
        _keys.Make("a", secret);
        Assert.NotNull(await _ring.SeekAsync(secret, default));
        var asked = _keys.Asked;

        Assert.Equal("a", (await _ring.SeekAsync(secret, default))?.Id);
        Assert.Equal("configured", (await _ring.SeekAsync("sk-one", default))?.Id);
        Assert.Null(await _ring.SeekAsync("sk-other", default));

        Assert.Equal(asked, _keys.Asked);
    }

    [Fact]
    public async Task Seek_ByMany_SharesTheCallAfterTheOneThatIsUnderWay()
    {
        await _ring.FindAsync(KeySecret.Create(), default);
        var secret = KeySecret.Create();
        var (asked, answer) = (_keys.Asked, _keys.Hold());
        var first = _ring.SeekAsync(KeySecret.Create(), default).AsTask();
        var others = Enumerable.Range(0, 20).Select(_ => _ring.SeekAsync(secret, default).AsTask()).ToArray();

        // Made after the first call has begun, and before those who look for it can have asked.
        _keys.Make("a", secret);
        answer.SetResult();

        Assert.Null(await first);
        Assert.All(await Task.WhenAll(others), found => Assert.Equal("a", found?.Id));
        Assert.Equal(asked + 2, _keys.Asked);
    }

    [Fact]
    public async Task Seek_AfterACallThatFailed_AsksAgain()
    {
        await _ring.FindAsync(KeySecret.Create(), default);
        var secret = KeySecret.Create();
        _keys.Make("a", secret);
        var answer = _keys.Hold();
        var first = _ring.SeekAsync(secret, default).AsTask();
        var second = _ring.SeekAsync(secret, default).AsTask();

        answer.SetException(new StorageException("Nobody answers."));

        await Assert.ThrowsAsync<StorageException>(() => first);
        Assert.Equal("a", (await second)?.Id);
    }

    /// <summary>An owner whose changes never come by themselves.</summary>
    private sealed class LateKeys : SomeActors, IApiKeysActor
    {
        private readonly List<IssuedKey> _made = [];
        private TaskCompletionSource? _held;

        public int Asked { get; private set; }

        public override IApiKeysActor ApiKeys() => this;

        public void Make(string id, string secret) =>
            _made.Add(new IssuedKey { Key = new ApiKey { Id = id }, SecretHash = KeySecret.Hash(secret), CreatedAt = DateTimeOffset.UnixEpoch });

        /// <summary>Holds the answer of the next call, which is the list as it is when that call comes.</summary>
        public TaskCompletionSource Hold() => _held = new TaskCompletionSource();

        public async ValueTask<KeyList> ListAsync(CancellationToken cancellationToken)
        {
            Asked++;
            var list = new KeyList(_made.Count, [.. _made], []);
            if (Interlocked.Exchange(ref _held, null) is { } held)
                await held.Task;
            return list;
        }

        public ValueTask<KeyList> NoteAsync(IReadOnlyList<string> ids, CancellationToken cancellationToken) => new(new KeyList(0, [], []));

        public async IAsyncEnumerable<KeyList> WatchAsync([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
            yield break;
        }

        public ValueTask<KeyList> CreateAsync(IssuedKey key, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask<KeyList> ChangeAsync(string id, KeyChanges changes, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask<KeyList> RotateAsync(string id, string secretHash, DateTimeOffset previousUntil, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public ValueTask<KeyList> RevokeAsync(string id, CancellationToken cancellationToken) => throw new NotSupportedException();
    }
}
