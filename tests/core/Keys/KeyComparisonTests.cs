using System.Reflection;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging.Abstractions;
using OrleansChat.Core.Actors;
using OrleansChat.Core.Errors;
using OrleansChat.Core.Keys;
using OrleansChat.Core.Settings;
using OrleansChat.Testing;

namespace OrleansChat.Core.Tests.Keys;

/// <summary>How long the search for a key takes tells nothing of any secret: every secret is compared, and each comparison takes the same time wherever the two differ.</summary>
public sealed class KeyComparisonTests
{
    private static readonly string[] Early = ["Equals", "op_Equality", "op_Inequality", "Compare", "CompareTo", "CompareOrdinal", "SequenceEqual", "SequenceCompareTo", "StartsWith", "EndsWith", "Contains", "IndexOf", "CommonPrefixLength"];

    private readonly FakeClock _clock = new();

    [Theory]
    [InlineData("0", "key-0")]
    [InlineData("2", "key-2")]
    [InlineData("4", "key-4")]
    [InlineData("none of them", null)]
    public async Task Find_ComparesEveryKeyOfTheSettings_WhereverTheMatchIs(string presented, string? found)
    {
        var read = new List<string>();
        var scheme = $"counted-{Guid.NewGuid():n}";
        SecretSources.Register(scheme, (reference, _) => new CountedSecret(reference, read));
        var settings = new TestOptions<OrleansChatOptions>(new OrleansChatOptions
        {
            ApiKeys = [.. Enumerable.Range(0, 5).Select(i => new ApiKeyOptions { Id = $"key-{i}", Secret = $"{scheme}:{i}" })],
        });
        using var watch = new KeyWatch(DispatchProxy.Create<IActorDirectory, Nobody>(), settings, _clock, NullLogger<KeyWatch>.Instance);
        using var ring = new KeyRing(settings, watch, _clock);

        Assert.Equal(found, (await ring.FindAsync(presented, default))?.Id);

        Assert.Equal(["0", "1", "2", "3", "4"], read);
    }

    [Fact]
    public void Index_ComparesEveryKeyWhoseHashBeginsAlike()
    {
        IssuedKey[] keys = [Issued("a", "AAAAone"), Issued("b", "AAAAtwo") with { PreviousHash = "BBBBold", PreviousUntil = DateTimeOffset.MaxValue }, Issued("c", "A")];
        var index = new KeyIndex(new KeyList(1, keys, []));

        Assert.Equal(["a", "b", "b", "c", null, null, null], new[] { "AAAAone", "AAAAtwo", "BBBBold", "A", "AAAA", "", "AAAAtwp" }.Select(hash => index.Find(hash, _clock.GetUtcNow())?.Id));
    }

    [Fact]
    public void EveryMethodThatComparesASecret_DoesSoInFixedTime()
    {
        var entry = typeof(KeyRing).GetNestedType("Entry", BindingFlags.NonPublic)!;
        var fixedTime = typeof(CryptographicOperations).GetMethod(nameof(CryptographicOperations.FixedTimeEquals))!;
        var same = MethodOf(typeof(KeySecret), nameof(KeySecret.AreSame));
        var (opens, matches) = (MethodOf(typeof(IssuedKey), nameof(IssuedKey.Opens)), MethodOf(entry, "Matches"));
        var (configured, indexed) = (MethodOf(typeof(KeyRing), "FindConfigured"), MethodOf(typeof(KeyIndex), nameof(KeyIndex.Find)));

        // From what a request presents down to the comparison, one calls the other.
        Assert.Contains(matches, CalledMethods.Of(configured));
        Assert.Contains(fixedTime, CalledMethods.Of(matches));
        Assert.Contains(opens, CalledMethods.Of(indexed));
        Assert.Contains(same, CalledMethods.Of(opens));
        Assert.Contains(fixedTime, CalledMethods.Of(same));

        // And none of them compares in any other way. Moments are no secrets.
        foreach (var method in new[] { configured, matches, indexed, opens, same })
        {
            Assert.DoesNotContain(CalledMethods.Of(method), called => Early.Contains(called.Name) && called.DeclaringType != typeof(DateTimeOffset) && called != fixedTime);
            Assert.DoesNotContain(CalledMethods.Of(method), called => called.DeclaringType is { IsGenericType: true } type && type.GetGenericArguments()[0] == typeof(string));
        }
    }

    private static IssuedKey Issued(string id, string hash) => new() { Key = new ApiKey { Id = id }, SecretHash = hash, CreatedAt = DateTimeOffset.UnixEpoch };

    private static MethodInfo MethodOf(Type type, string name) =>
        type.GetMethod(name, BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static)!;

    private sealed class CountedSecret(string value, List<string> read) : Secret
    {
        public override string Source => "counted";

        public override string? Read()
        {
            read.Add(value);
            return value;
        }
    }

    /// <summary>Actors that cannot be reached.</summary>
    public class Nobody : DispatchProxy
    {
        /// <inheritdoc/>
        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => throw new StorageException("Nobody answers.");
    }
}
