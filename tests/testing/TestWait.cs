namespace OrleansChat.Testing;

/// <summary>Waits for what code under test brings about on other threads where it gives no task to await.</summary>
public static class TestWait
{
    /// <summary>How long a test waits before it fails; a task that may never end is awaited with it, so that a fault is a failed test rather than a hung run.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    /// <summary>Yields until a condition holds.</summary>
    /// <param name="condition">The condition.</param>
    /// <returns>A task.</returns>
    /// <exception cref="TimeoutException">It does not hold after 30 seconds.</exception>
    public static Task UntilAsync(Func<bool> condition) => UntilAsync(() => Task.FromResult(condition()));

    /// <summary>Asks again and again until a condition holds.</summary>
    /// <param name="condition">The condition.</param>
    /// <returns>A task.</returns>
    /// <exception cref="TimeoutException">It does not hold after 30 seconds.</exception>
    public static async Task UntilAsync(Func<Task<bool>> condition)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (!await condition())
        {
            if (TimeProvider.System.GetElapsedTime(start) > Limit)
                throw new TimeoutException("The condition did not come to hold.");

            await Task.Yield();
        }
    }
}
