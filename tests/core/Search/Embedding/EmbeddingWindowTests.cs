using OrleansChat.Core.Errors;
using OrleansChat.Core.Search.Embedding;

namespace OrleansChat.Core.Tests.Search.Embedding;

public sealed class EmbeddingWindowTests
{
    private readonly Lock _gate = new();
    private int _underWay;
    private int _most;

    [Fact]
    public async Task RunAsync_OfMany_HasAsManyUnderWayAsItIsWide()
    {
        using var window = new EmbeddingWindow(3);
        var (three, end) = (new TaskCompletionSource(), new TaskCompletionSource());

        var calls = Enumerable.Range(0, 10).Select(number => window.RunAsync(() => CallAsync(number), default)).ToArray();
        await three.Task.WaitAsync(TimeSpan.FromMinutes(1));
        end.SetResult();

        Assert.Equal(Enumerable.Range(0, 10), await Task.WhenAll(calls));
        Assert.Equal(3, _most);

        async Task<int> CallAsync(int number)
        {
            if (Enter() == 3)
                three.TrySetResult();
            await end.Task;
            Leave();
            return number;
        }
    }

    [Theory]
    [InlineData("rate_limited")]
    [InlineData("budget_exceeded")]
    [InlineData("upstream_unavailable")]
    public async Task RunAsync_OverALimitOfOneCall_MakesTheRefusedOneAfterTheOther(string code)
    {
        using var window = new EmbeddingWindow(4);

        var calls = Enumerable.Range(0, 20).Select(number => window.RunAsync(() => CallAsync(number), default));

        Assert.Equal(Enumerable.Range(0, 20), await Task.WhenAll(calls).WaitAsync(TimeSpan.FromMinutes(1)));

        async Task<int> CallAsync(int number)
        {
            try
            {
                if (Enter() > 1)
                    throw new RequestException(Problem.Of(ProblemCode.Named(code), "There is room for one call."));
                await Task.Yield();
                return number;
            }
            finally
            {
                Leave();
            }
        }
    }

    [Fact]
    public async Task RunAsync_OfACallThatDoesNotFitEvenAlone_FailsWithItsProblemAndLeavesRoomForOthers()
    {
        using var window = new EmbeddingWindow(2);
        var calls = 0;

        var refused = await Assert.ThrowsAsync<RequestException>(() => window.RunAsync<int>(
            () =>
            {
                calls++;
                throw new RequestException(Problem.Of(ProblemCode.RateLimited, "Never."));
            },
            default));

        Assert.Equal((2, "Never."), (calls, refused.Problem.Detail));
        var later = await Task.WhenAll(window.RunAsync(() => Task.FromResult(1), default), window.RunAsync(() => Task.FromResult(2), default));
        Assert.Equal([1, 2], later);
    }

    [Fact]
    public async Task RunAsync_OfACallThatIsWrong_IsNotRepeated()
    {
        using var window = new EmbeddingWindow(2);
        var calls = 0;

        await Assert.ThrowsAsync<RequestException>(() => window.RunAsync<int>(
            () =>
            {
                calls++;
                throw RequestException.Invalid("text", "It is too long.", "Shorten it.");
            },
            default));

        Assert.Equal(1, calls);
    }

    private int Enter()
    {
        lock (_gate)
        {
            _most = Math.Max(_most, ++_underWay);
            return _underWay;
        }
    }

    private void Leave()
    {
        lock (_gate)
            _underWay--;
    }
}
