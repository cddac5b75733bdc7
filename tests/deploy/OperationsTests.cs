using System.Reflection;
using System.Text.RegularExpressions;
using OrleansChat.Core.Settings;

namespace OrleansChat.Deploy.Tests;

/// <summary>What <c>docs/operations.md</c> refers to exists.</summary>
public sealed partial class OperationsTests
{
    private readonly string _text = Repository.Read("docs", "operations.md");

    [Fact]
    public void EverySetting_IsOneThatTheCodeKnows()
    {
        var settings = Setting().Matches(_text).Select(match => match.Groups["key"].Value).ToArray();
        Assert.NotEmpty(settings);
        Assert.All(settings, key => Assert.NotNull(Find(typeof(OrleansChatOptions), key.Split(':'))));
    }

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

    private static PropertyInfo? Find(Type type, string[] path)
    {
        PropertyInfo? property = null;
        foreach (var part in path)
        {
            property = type.GetProperty(part);
            if (property is null)
                return null;
            type = property.PropertyType;
        }

        return property;
    }

    [GeneratedRegex("`(?<key>[A-Z][A-Za-z]+:[A-Z][A-Za-z]+)`")]
    private static partial Regex Setting();
}
