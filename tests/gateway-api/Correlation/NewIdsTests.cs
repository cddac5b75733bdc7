using OrleansChat.GatewayApi.Correlation;
using OrleansChat.Testing;

namespace OrleansChat.GatewayApi.Tests.Correlation;

public sealed class NewIdsTests
{
    private readonly FakeClock _clock = new();

    [Fact]
    public void Next_IsAUuidOfVersion7_OfTheClocksMillisecond()
    {
        var id = Guid.Parse(new NewIds(_clock).Next());

        Assert.Equal((7, true), (id.Version, id.Variant is >= 8 and <= 11));
        var milliseconds = Convert.ToInt64(id.ToString("N")[..12], 16);
        Assert.Equal(_clock.GetUtcNow().ToUnixTimeMilliseconds(), milliseconds);
    }

    [Fact]
    public async Task Next_FromManyThreads_IsNeverTheSame()
    {
        var ids = new NewIds(_clock);

        var made = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => Enumerable.Range(0, 2_000).Select(_ => ids.Next()).ToList())));

        Assert.Equal(8_000, made.SelectMany(static list => list).Distinct().Count());
    }

    [Fact]
    public void Next_AMillisecondLater_SortsBehind()
    {
        var ids = new NewIds(_clock);
        var earlier = ids.Next();
        _clock.Advance(TimeSpan.FromMilliseconds(1));

        Assert.True(string.CompareOrdinal(earlier, ids.Next()) < 0);
    }
}
