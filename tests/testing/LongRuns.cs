namespace OrleansChat.Testing;

/// <summary>How long the randomised tests run: <c>ORLEANSCHAT_LONG_RUNS</c> multiplies their rounds, for a night's search.</summary>
public static class LongRuns
{
    /// <summary>The variable.</summary>
    public const string Variable = "ORLEANSCHAT_LONG_RUNS";

    /// <summary>The number of rounds where a usual run has so many.</summary>
    /// <param name="usual">The rounds of a usual run.</param>
    /// <returns>The rounds of this one.</returns>
    public static int Of(int usual) =>
        int.TryParse(Environment.GetEnvironmentVariable(Variable), out var times) && times > 0 ? usual * times : usual;
}
