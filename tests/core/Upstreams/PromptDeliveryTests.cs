using OrleansChat.Core.Upstreams;

namespace OrleansChat.Core.Tests.Upstreams;

public sealed class PromptDeliveryTests
{
    [Fact]
    public void Withdraw_OfASenderWhoTellsNothing_IsTooLate() => Assert.False(new PromptDelivery().TryWithdraw());

    [Fact]
    public void Withdraw_BeforeItIsSent_HoldsForGood()
    {
        var prompt = new PromptDelivery();
        prompt.Hold();

        Assert.True(prompt.TryWithdraw());
        Assert.False(prompt.TrySend());
        prompt.Hold();
        Assert.False(prompt.TrySend());
        Assert.True(prompt.TryWithdraw());
    }

    [Fact]
    public void Withdraw_AfterItWasSent_IsTooLate_UntilTheUpstreamHasFailed()
    {
        var prompt = new PromptDelivery();
        prompt.Hold();

        Assert.True(prompt.TrySend());
        Assert.False(prompt.TryWithdraw());
        prompt.Hold();
        Assert.True(prompt.TryWithdraw());
    }

    [Fact]
    public async Task SendAndWithdraw_AtOnce_AgreeOnWhoWasFirst()
    {
        var prompts = Enumerable.Range(0, 100_000).Select(_ => new PromptDelivery()).ToArray();
        foreach (var prompt in prompts)
            prompt.Hold();

        var sending = Task.Run(() => Array.ConvertAll(prompts, prompt => prompt.TrySend()));
        var withdrawing = Task.Run(() => Array.ConvertAll(prompts, prompt => prompt.TryWithdraw()));

        Assert.Equal((await sending).Select(sent => !sent), await withdrawing);
    }
}
