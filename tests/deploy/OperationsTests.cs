using OrleansChat.Core.Settings;

namespace OrleansChat.Deploy.Tests;

/// <summary>What <c>docs/operations.md</c> says of defaults is so.</summary>
public sealed class OperationsTests
{
    private readonly string _text = Repository.Read("docs", "operations.md");

    [Theory]
    [InlineData("Gateway:DrainTimeout", "20 s")]
    [InlineData("Gateway:HeartbeatInterval", "15 s")]
    [InlineData("Qdrant:Timeout", "10 s")]
    [InlineData("Qdrant:CommitDelay", "0.25 s")]
    [InlineData("Breakers:OpenDuration", "60 s")]
    public void ADefault_IsTheOneInTheTable(string key, string written)
    {
        object value = new OrleansChatOptions();
        foreach (var part in key.Split(':'))
            value = value.GetType().GetProperty(part)!.GetValue(value)!;
        Assert.Contains($"| {written}", _text.Split('\n').Single(line => line.EndsWith($"| `{key}` |", StringComparison.Ordinal)), StringComparison.Ordinal);
        Assert.Equal(double.Parse(written.Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture), ((TimeSpan)value).TotalSeconds);
    }
}
