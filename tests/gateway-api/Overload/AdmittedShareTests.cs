using OrleansChat.GatewayApi.Overload;

namespace OrleansChat.GatewayApi.Tests.Overload;

public sealed class AdmittedShareTests
{
    private readonly AdmittedShare _share = new();

    [Fact]
    public void Share_BeforeAnythingIsLate_IsAll() => Assert.Equal((1, 100), (_share.Value, TakenOf(100)));

    [Theory]
    [InlineData(2, 0.5)]
    [InlineData(4, 0.25)]
    [InlineData(1000, 0.2)]
    public void Share_WhenWorkBeginsLate_FallsInProportionAndNeverAllAtOnce(int times, double share)
    {
        _share.Learn(times * AdmittedShare.Bound);

        Assert.Equal(share, _share.Value, 6);
        Assert.Equal(1000 * share, TakenOf(1000), 1.0);
    }

    [Fact]
    public void Share_HoweverLateWorkBegins_LeavesSomething()
    {
        for (var i = 0; i < 100; i++)
            _share.Learn(TimeSpan.FromHours(1));

        Assert.Equal((AdmittedShare.Least, 10), (_share.Value, TakenOf(160)));
    }

    [Fact]
    public void Share_WhenWorkBeginsInTime_RisesStepByStepToAll()
    {
        _share.Learn(TimeSpan.FromHours(1));
        var steps = 0;
        for (var before = 0.0; _share.Value < 1; steps++)
        {
            Assert.InRange(_share.Value, before, 1);
            before = _share.Value;
            _share.Learn(AdmittedShare.Bound);
        }

        Assert.InRange(steps, 50, 200);
        Assert.Equal(100, TakenOf(100));
    }

    private int TakenOf(int many) => Enumerable.Range(0, many).Count(_ => _share.TryTake());
}
