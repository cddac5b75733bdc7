using OrleansChat.GatewayApi.Overload;

namespace OrleansChat.GatewayApi.Tests.Overload;

public sealed class WorkTimesTests
{
    private readonly WorkTimes _times = new();
    private double _now;

    [Fact]
    public void Add_BeforeTheTimeAloneIsKnown_SaysNothing()
    {
        for (var i = 0; i < 1_000; i++)
            Assert.Null(Add(WorkKind.Call, 1, isAlone: false));
        Assert.Null(_times.Unloaded(WorkKind.Call));
    }

    [Fact]
    public void Add_AmongSlowOnes_TellsTheMedianOfTheirTimesAgainstTheTimeAlone()
    {
        LearnAlone(WorkKind.Call, 0.002);
        Assert.Equal(0.002, _times.Unloaded(WorkKind.Call));
        _now += 1;
        Assert.Equal(3, Look(WorkKind.Call, 0.006), 6);
    }

    [Fact]
    public void Add_OfTwoKinds_ComparesEachWithItself()
    {
        LearnAlone(WorkKind.Call, 0.001);
        LearnAlone(WorkKind.Turn, 0.010);
        _now += 1;
        Assert.Equal(1, Look(WorkKind.Turn, 0.010), 6);
        Assert.Equal(10, Look(WorkKind.Call, 0.010), 6);
    }

    [Fact]
    public void Unloaded_AfterTheProcessBecameSlower_FollowsWhatIsSeenAlone()
    {
        LearnAlone(WorkKind.Call, 0.001);
        LearnAlone(WorkKind.Call, 0.005);
        Assert.Equal(0.005, _times.Unloaded(WorkKind.Call));
    }

    private void LearnAlone(WorkKind kind, double seconds)
    {
        for (var i = 0; i < 200; i++)
            Add(kind, seconds, isAlone: true);
    }

    private double Look(WorkKind kind, double seconds)
    {
        double? slowdown = null;
        Add(kind, seconds, isAlone: false);
        for (var i = 0; i < 1_000; i++)
            slowdown = Add(kind, seconds, isAlone: false) ?? slowdown;
        return Assert.NotNull(slowdown);
    }

    private double? Add(WorkKind kind, double seconds, bool isAlone) => _times.Add(kind, seconds, isAlone, _now += 0.001);
}
