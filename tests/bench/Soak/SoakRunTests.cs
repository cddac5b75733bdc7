using OrleansChat.Bench.Soak;
using OrleansChat.Testing;
using Xunit.Abstractions;

namespace OrleansChat.Bench.Tests.Soak;

public sealed class SoakRunTests(ITestOutputHelper output)
{
    [Fact]
    public async Task Run_WithConnectionsThatBreakOff_GivesEveryTranscriptWhole()
    {
        var report = await SoakRun.RunAsync(Seed.Print(output).Next(), seen => seen.Disconnects < 500);

        var text = new StringWriter();
        report.Write(text);
        output.WriteLine(text.ToString());
        Assert.Empty(report.Deviations);
        Assert.True(report is { Disconnects: >= 500, Live: > 100, Turns: > 0 }, "The run must break something off.");
    }
}
