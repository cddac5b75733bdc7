using OrleansChat.Core.Sessions;

namespace OrleansChat.Core.Tests.Sessions.Life;

/// <summary>The calendar of sessions.</summary>
public sealed class SessionDeadlinesTests
{
    private static readonly DateTimeOffset Start = new(2030, 1, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly SessionWorld _world = new();

    private ISessionDeadlinesActor Calendar => _world.SessionDeadlines("shard-00");

    [Fact]
    public async Task ListDue_OfMoreThanAPage_GivesAllOfThemInPortions()
    {
        var entered = Enumerable.Range(0, 150).Select(number => new SessionDeadline($"s{number}", Start.AddSeconds(number))).ToList();
        foreach (var deadline in entered)
            await Calendar.PutAsync(deadline, default);

        var first = await Calendar.ListDueAsync(Start.AddHours(1), 100, default);
        await Calendar.RemoveAsync(first, default);
        var second = await Calendar.ListDueAsync(Start.AddHours(1), 100, default);

        Assert.Equal(entered, first.Items.Concat(second.Items));
    }

    [Fact]
    public async Task ListDue_BeforeTheTime_GivesNothing()
    {
        await Calendar.PutAsync(new SessionDeadline("s", Start.AddMinutes(5)), default);

        Assert.Empty((await Calendar.ListDueAsync(Start.AddMinutes(5).AddTicks(-1), 10, default)).Items);
        Assert.Single((await Calendar.ListDueAsync(Start.AddMinutes(5), 10, default)).Items);
    }

    [Fact]
    public async Task Put_OfTheSameDeadlineTwice_EntersItOnce()
    {
        await Calendar.PutAsync(new SessionDeadline("s", Start), default);
        await Calendar.PutAsync(new SessionDeadline("s", Start), default);

        Assert.Single((await Calendar.ListDueAsync(Start, 10, default)).Items);
    }

    [Fact]
    public async Task ListDue_OfHoursThatAreOverAndEmpty_LeavesNothingBehind()
    {
        for (var hour = 0; hour < 50; hour++)
            await Calendar.PutAsync(new SessionDeadline("s", Start.AddHours(hour)), default);

        var later = Start.AddDays(10);
        await Calendar.RemoveAsync(await Calendar.ListDueAsync(later, 1000, default), default);
        Assert.Empty((await Calendar.ListDueAsync(later, 1000, default)).Items);

        Assert.DoesNotContain(_world.Store.Keys, key => key.Contains("hours/", StringComparison.Ordinal));
        await Calendar.PutAsync(new SessionDeadline("s", Start), default);
        Assert.Single((await Calendar.ListDueAsync(later, 1000, default)).Items);
    }
}
