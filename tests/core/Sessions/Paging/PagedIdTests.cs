using OrleansChat.Core.Sessions.Paging;

namespace OrleansChat.Core.Tests.Sessions.Paging;

public sealed class PagedIdTests
{
    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 63)]
    [InlineData(16_777_215, 16_383)]
    public void TryLocate_OfANewId_GivesItsPosition(int page, int slot)
    {
        var now = new DateTimeOffset(2030, 5, 6, 7, 8, 9, 123, TimeSpan.Zero);
        var id = PagedId.New(now, new PagePosition(page, slot));

        Assert.True(PagedId.TryLocate(id, out var position));
        Assert.Equal(new PagePosition(page, slot), position);
        var guid = Guid.Parse(id);
        Assert.Equal((7, now.ToUnixTimeMilliseconds()), (guid.Version, Convert.ToInt64(id.Replace("-", "", StringComparison.Ordinal)[..12], 16)));
        Assert.InRange(guid.Variant, 8, 11);
    }

    [Theory]
    [InlineData("")]
    [InlineData("x")]
    [InlineData("00000000-0000-0000-0000-000000000000")]
    [InlineData("3f2504e0-4f89-41d3-9a0c-0305e82c3301")]
    public void TryLocate_OfAnythingElse_Declines(string text) => Assert.False(PagedId.TryLocate(text, out _));

    [Fact]
    public void New_AtTheSamePlaceAndTime_IsDifferent()
    {
        var ids = Enumerable.Range(0, 1_000).Select(_ => PagedId.New(DateTimeOffset.UnixEpoch, default)).ToHashSet();

        Assert.Equal(1_000, ids.Count);
    }

    [Fact]
    public void New_BeyondTheLastPage_IsRefused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => PagedId.New(DateTimeOffset.UnixEpoch, new PagePosition(16_777_216, 0)));
}
