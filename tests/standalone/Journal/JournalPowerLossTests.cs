using System.Globalization;
using OrleansChat.Testing;
using Xunit.Abstractions;

namespace OrleansChat.Standalone.Tests.Journals;

public sealed class JournalPowerLossTests(ITestOutputHelper output)
{
    private const int Runs = 6;
    private const int Writers = 12;
    private const int WritesEach = 80;
    private const int CutOneStepIn = 12;

    private sealed record Cut(TemporaryFolder Folder, int[] Acknowledged, int[] Begun);

    /// <summary>
    /// Writers and compaction go on while copies of the folder are taken as a power cut before a step may leave it. A value acknowledged
    /// before the cut is there after it, or a later one that was at least begun.
    /// </summary>
    [Fact]
    public async Task PowerCutBeforeRandomSteps_EveryAcknowledgedWriteSurvives()
    {
        var random = Seed.Print(output);
        var (cuts, torn, merged) = (0, 0, 0);
        for (var run = 0; run < Runs; run++)
        {
            foreach (var cut in await CutAsync(new Random(random.Next())))
            {
                using var folder = cut.Folder;
                cuts++;
                merged += Directory.GetFiles(folder.Path, "*.merged").Length > 0 ? 1 : 0;
                await using var survivor = await Journals.OpenAsync(folder);
                torn += survivor.Recovery.TornTail is null ? 0 : 1;
                await VerifyAsync(survivor, cut);
            }
        }

        output.WriteLine($"{cuts} power cuts, {torn} torn tails, {merged} folders with merged segments");
        Assert.True(torn > 0 && merged > 0);
    }

    private static async Task<List<Cut>> CutAsync(Random random)
    {
        using var folder = new TemporaryFolder();
        var files = new PowerLossFiles();
        var begun = new int[Writers];
        var acknowledged = new int[Writers];
        var cuts = new List<Cut>();
        await using var journal = await Journals.OpenAsync(folder, files, Journals.Small with { CompactionGarbageRatio = 0.3 });
        files.BeforeStep = () =>
        {
            // The commit loop and compaction both take steps; a lock keeps the random numbers and the list in order.
            lock (cuts)
            {
                if (random.Next(CutOneStepIn) != 0)
                    return;
                var before = Snapshot(acknowledged);
                var crashed = files.Crash(random);
                cuts.Add(new Cut(crashed, before, Snapshot(begun)));
            }
        };
        await Task.WhenAll(Enumerable.Range(0, Writers).Select(writer => Task.Run(async () =>
        {
            for (var number = 1; number <= WritesEach; number++)
            {
                Volatile.Write(ref begun[writer], number);
                if (number % 7 == 0)
                    await journal.DeleteAsync(Key(writer));
                else
                    await journal.PutAsync(Key(writer), number.ToString(CultureInfo.InvariantCulture) + " " + new string('x', number * 5));
                Volatile.Write(ref acknowledged[writer], number);
            }
        })));
        await journal.CompactAsync(CancellationToken.None);
        files.BeforeStep = static () => { };
        return cuts;
    }

    private static async Task VerifyAsync(Journal.Journal survivor, Cut cut)
    {
        for (var writer = 0; writer < Writers; writer++)
        {
            var text = await survivor.TextAsync(Key(writer));
            var found = text is null ? (int?)null : int.Parse(text.Split(' ')[0], CultureInfo.InvariantCulture);
            var possible = Enumerable.Range(cut.Acknowledged[writer], cut.Begun[writer] - cut.Acknowledged[writer] + 1);
            Assert.True(
                possible.Any(number => number % 7 == 0 ? found is null : found == number),
                $"Writer {writer}: {cut.Acknowledged[writer]} was acknowledged and {cut.Begun[writer]} begun, but '{text}' was found.");
        }
    }

    private static int[] Snapshot(int[] numbers)
    {
        var copy = new int[numbers.Length];
        for (var i = 0; i < numbers.Length; i++)
            copy[i] = Volatile.Read(ref numbers[i]);
        return copy;
    }

    private static string Key(int writer) => $"key/{writer}";
}
