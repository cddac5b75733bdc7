using OrleansChat.GatewayApi.Overload;
using OrleansChat.Testing;

namespace OrleansChat.GatewayApi.Tests.Overload;

public sealed class ProcessorUseTests
{
    private const int Processors = 4;

    private readonly FakeClock _clock = new();
    private readonly ProcessorUse _use;
    private TimeSpan _used = TimeSpan.FromHours(1);

    public ProcessorUseTests() => _use = new ProcessorUse(_clock, Processors, () => _used);

    [Fact]
    public void IsBusy_BeforeTheFirstLook_IsNot() => Assert.False(_use.IsBusy);

    [Theory]
    [InlineData(0.24, false)]
    [InlineData(0.25, true)]
    [InlineData(1, true)]
    public void IsBusy_IsWhetherAQuarterOfAllProcessorsIsUsed(double share, bool isBusy)
    {
        Run(share);
        Assert.Equal(isBusy, _use.IsBusy);
    }

    [Fact]
    public void IsBusy_BetweenTwoLooks_IsTheFindingOfTheLast()
    {
        Run(1);
        Assert.True(_use.IsBusy);
        _clock.Advance(ProcessorUse.Look / 2);
        Assert.True(_use.IsBusy);
        _clock.Advance(ProcessorUse.Look / 2);
        Assert.False(_use.IsBusy);
    }

    private void Run(double share)
    {
        _clock.Advance(ProcessorUse.Look);
        _used += ProcessorUse.Look * (share * Processors);
    }
}
