using Xunit.Abstractions;

namespace OrleansChat.Testing;

/// <summary>The seed of a randomised test: printed at each run, and set by <c>ORLEANSCHAT_SEED</c> to repeat one.</summary>
public static class Seed
{
    /// <summary>The variable that repeats a run.</summary>
    public const string Variable = "ORLEANSCHAT_SEED";

    /// <summary>A generator whose seed is printed.</summary>
    /// <param name="output">Where the seed is printed.</param>
    /// <returns>The generator.</returns>
    public static Random Print(ITestOutputHelper output)
    {
        var seed = int.TryParse(Environment.GetEnvironmentVariable(Variable), out var given) ? given : Random.Shared.Next();
        output.WriteLine($"{Variable}={seed}");
        return new Random(seed);
    }
}
