using System.Diagnostics;
using System.Globalization;
using OrleansChat.Standalone.Journal;
using OrleansChat.Testing;
using Xunit.Abstractions;

namespace OrleansChat.Standalone.Tests.Journals;

public sealed class JournalCrashTests(ITestOutputHelper output)
{
    private const int KillsPerLane = 110;
    private const int Writers = 64;
    private const int NumbersPerRound = 1_000_000;
    private const int MaxAcknowledgedBeforeKill = 400;
    private const int OpeningKillOneIn = 8;

    /// <summary>
    /// A folder lives through 110 kills at random instants: after a random number of acknowledged writes, or while the journal is being opened.
    /// </summary>
    [Fact]
    public async Task KilledAtRandomInstants_EveryAcknowledgedWriteSurvives() =>
        await RunLaneAsync(Journals.Small with { SegmentBytes = 256 * 1024 });

    /// <summary>The same, while segments are merged all the time.</summary>
    [Fact]
    public async Task KilledAtRandomInstantsOfEagerCompaction_EveryAcknowledgedWriteSurvives()
    {
        var compacted = await RunLaneAsync(Journals.Small with { CompactionGarbageRatio = 0.2 });
        Assert.True(compacted > KillsPerLane / 10);
    }

    /// <summary>Runs a folder through its kills.</summary>
    /// <returns>The starts that found merged segments.</returns>
    private async Task<int> RunLaneAsync(JournalOptions options)
    {
        var random = Seed.Print(output);
        using var folder = new TemporaryFolder();
        var settled = new string?[Writers];
        var (acknowledged, torn, compacted) = (0, 0, 0);
        for (var round = 1; round <= KillsPerLane; round++)
        {
            var first = round * NumbersPerRound;
            var newest = await RunChildAsync(folder, first, random, options);
            acknowledged += newest.Sum(number => number - first + 1);
            compacted += Directory.GetFiles(folder.Path, "*.merged").Length > 0 ? 1 : 0;

            await using var journal = await Journals.OpenAsync(folder);
            torn += journal.Recovery.TornTail is null ? 0 : 1;
            for (var writer = 0; writer < Writers; writer++)
            {
                var found = await journal.TextAsync(writer.ToString(CultureInfo.InvariantCulture));
                var last = newest[writer] < first ? settled[writer] : ValueOf(newest[writer]);
                var inFlight = ValueOf(newest[writer] + 1);
                Assert.True(
                    found == last || found == inFlight,
                    $"Kill {round}, writer {writer}: {newest[writer]} was acknowledged, but '{found}' was found.");
                settled[writer] = found;
            }
        }

        output.WriteLine($"{acknowledged} acknowledged writes, {torn} torn tails, {compacted} starts that found merged segments");
        Assert.True(acknowledged > KillsPerLane);
        return compacted;
    }

    /// <summary>Runs a child until it is killed and returns the newest acknowledged number of each writer.</summary>
    private static async Task<int[]> RunChildAsync(TemporaryFolder folder, int first, Random random, JournalOptions options)
    {
        using var child = JournalWriterProcess.Start(folder.Path, Writers, first, options);
        var newest = new int[Writers];
        Array.Fill(newest, first - 1);
        var killAt = random.Next(OpeningKillOneIn) == 0 ? 1 : 2 + random.Next(MaxAcknowledgedBeforeKill);
        var lines = 0;
        while (await child.ReadLineAsync() is { } line)
        {
            if (++lines == killAt)
            {
                Spin(random.NextDouble() * 3);
                child.Kill();
            }

            if (line.Split(' ') is [var writer, var number])
                newest[int.Parse(writer, CultureInfo.InvariantCulture)] = int.Parse(number, CultureInfo.InvariantCulture);
        }

        Assert.True(lines >= killAt, $"The child ended by itself after {lines} lines.");
        await child.EndedAsync();
        return newest;
    }

    private static string? ValueOf(int number) =>
        number % 7 == 0 ? null : number.ToString(CultureInfo.InvariantCulture) + new string('x', number % 400);

    private static void Spin(double milliseconds)
    {
        var started = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(started).TotalMilliseconds < milliseconds)
            Thread.SpinWait(50);
    }
}
