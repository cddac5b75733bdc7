using OrleansChat.Core.Health.Sla;

namespace OrleansChat.Core.Tests.Health;

public sealed class SlaHistoryTests
{
    private const long Begin = 500_000;

    private readonly Dictionary<string, SlaRow> _rows = [];

    [Fact]
    public void At_HasTheLooksOfEachWindow()
    {
        var history = new SlaHistory(_rows);
        history.Add("journal", Begin, 10, 20);
        history.Add("journal", Begin + 100, 5, 5);
        history.Add("journal", Begin + 200, 1, 1);

        var looks = history.At(Begin + 200)["journal"];

        Assert.Equal((new SlaCount(1, 1), new SlaCount(6, 6), new SlaCount(16, 26)), (looks.Day, looks.Week, looks.Month));
        Assert.Equal((100, 100, 61.5385), (looks.Day.Share(), looks.Week.Share(), looks.Month.Share()));
        Assert.Equal((16, 26), (history.At(Begin + SlaHistory.Hours - 1)["journal"].Month.Good, history.At(Begin + SlaHistory.Hours - 1)["journal"].Month.Total));
        Assert.Equal(6, history.At(Begin + SlaHistory.Hours)["journal"].Month.Total);
    }

    [Fact]
    public void Add_BeyondTheLongestWindow_ForgetsWhatIsOlder()
    {
        var history = new SlaHistory(_rows);
        for (var hour = 0; hour < 3 * SlaHistory.Hours; hour++)
            history.Add("journal", Begin + hour, 359, 360);
        Assert.Equal((SlaHistory.Hours, SlaHistory.Hours), (_rows["journal"].Total.Count, _rows["journal"].Bad.Count));
        Assert.Equal(SlaHistory.Hours * 360, history.At(Begin + (3 * SlaHistory.Hours) - 1)["journal"].Month.Total);

        history.Add("journal", Begin + (10 * SlaHistory.Hours), 1, 1);
        Assert.Equal(1, Assert.Single(_rows["journal"].Total));
    }

    [Fact]
    public void Add_ByAClockThatWasSetBack_CountsIntoTheOldestHour()
    {
        var history = new SlaHistory(_rows);
        history.Add("journal", Begin, 1, 1);
        history.Add("journal", Begin - 5, 0, 1);
        Assert.Equal(50, history.At(Begin)["journal"].Day.Share());
    }

    [Fact]
    public void ComponentsWithoutEnd_AreBounded()
    {
        var history = new SlaHistory(_rows);
        for (var i = 0; i < 5_000; i++)
            history.Add($"upstream:{i}", Begin, 1, 1);
        Assert.Equal(500, _rows.Count);
    }
}
