using OrleansChat.GatewayApi.Overload;

namespace OrleansChat.GatewayApi.Tests.Overload;

public sealed class PlaceLimitTests
{
    [Fact]
    public void Update_WhenWorkIsSlowerThanItMayBe_FallsInProportion()
    {
        var limit = new PlaceLimit(1.5, 2, 40, 100);
        limit.Update(2, 40);
        Assert.Equal(30, limit.Value);
    }

    [Fact]
    public void Update_WhenWorkHardlyEnds_FallsByHalfAndNeverBelowTheLeast()
    {
        var limit = new PlaceLimit(1.5, 4, 40, 100);
        limit.Update(1_000, 40);
        Assert.Equal(20, limit.Value);
        for (var i = 0; i < 10; i++)
            limit.Update(1_000, 20);
        Assert.Equal(4, limit.Value);
    }

    [Fact]
    public void Update_WhileWorkIsAsFastAsAlone_GrowsByTheSquareRootToTheMost()
    {
        var limit = new PlaceLimit(1.5, 4, 16, 30);
        limit.Update(1, 16);
        Assert.Equal(20, limit.Value);
        for (var i = 0; i < 10; i++)
            limit.Update(1.5, 30);
        Assert.Equal(30, limit.Value);
    }

    [Fact]
    public void Update_WhileTheNumberIsNotUsed_DoesNotGrow()
    {
        var limit = new PlaceLimit(1.5, 4, 16, 30);
        limit.Update(1, 15);
        Assert.Equal(16, limit.Value);
    }

    /// <summary>A server that works on four at a time and has the others wait: twice as many take twice as long.</summary>
    [Fact]
    public void Update_OverAServerOfFour_SettlesWhereTheSlowdownIsTheBound()
    {
        var limit = new PlaceLimit(1.5, 2, 64, 1_000);
        var seen = new List<int>();
        for (var i = 0; i < 200; i++)
        {
            limit.Update(Math.Max(1, limit.Value / 4.0), limit.Value);
            if (i >= 100)
                seen.Add(limit.Value);
        }

        Assert.InRange(seen.Average(), 5, 8);
        Assert.All(seen, value => Assert.InRange(value, 4, 9));
    }
}
