using System.Globalization;
using OrleansChat.Core.Health;
using OrleansChat.Standalone.Hosting;
using OrleansChat.Standalone.Journal;
using OrleansChat.Testing;
using Xunit.Abstractions;

namespace OrleansChat.Standalone.Tests.Journals;

/// <summary>Each step in which one segment follows another, failing: for how long it may, and whatever of it was done.</summary>
public sealed class JournalSuccessionTests(ITestOutputHelper output)
{
    /// <summary>The fence of the old segment and its flush; the new file, its header, its flush and that of its name.</summary>
    private static readonly FileStep[] Succession =
        [FileStep.Write, FileStep.Flush, FileStep.Create, FileStep.Write, FileStep.Flush, FileStep.FlushFolder];

    public static TheoryData<int, bool, int> Faults()
    {
        var faults = new TheoryData<int, bool, int>();
        for (var step = 0; step < Succession.Length; step++)
        {
            foreach (var isDone in new[] { false, true })
            {
                foreach (var times in new[] { 1, 3 })
                    faults.Add(step, isDone, times);
            }
        }

        return faults;
    }

    [Fact]
    public async Task Put_IntoAFullSegment_TakesTheStepsThatTheOthersFail()
    {
        using var folder = new TemporaryFolder();
        var files = new ScriptedFiles();
        await using var journal = await FullAsync(folder, files);
        var steps = new List<FileStep>();
        files.Before = steps.Add;

        await journal.PutAsync("next", "1");

        Assert.Equal([.. Succession, FileStep.Write, FileStep.Flush], steps);
    }

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task Put_WhileAStepOfTheSuccessionFails_IsRefusedUntilTheDiskTakesWritesAgain(int step, bool isDone, int times)
    {
        using var folder = new TemporaryFolder();
        var files = new ScriptedFiles();
        var kept = new Dictionary<string, string> { ["kept"] = "1", ["full"] = new('x', Journals.SmallSegment) };
        await using (var journal = await FullAsync(folder, files))
        {
            var health = new JournalHealth(journal);
            for (var time = 0; time < times; time++)
            {
                // An attempt after the first may begin with other steps, so a step is told by its kind and what came before it.
                FailOnce(files, step, isDone);
                var failure = await Assert.ThrowsAsync<JournalWriteException>(async () => await journal.PutAsync("refused", "1"));

                Assert.True(failure.IsRefused);
                Assert.Contains("No space left", failure.Message, StringComparison.Ordinal);
                Assert.Equal("upstream_unavailable", failure.Problem.Code);
                Assert.Null(journal.Fault);
                Assert.Same(failure, journal.Refusal);
                FailOnce(files, step, isDone);
                var finding = await health.CheckAsync(CancellationToken.None);
                Assert.Equal(HealthStatus.Unhealthy, finding.Status);
                Assert.Contains("No space left", finding.Detail, StringComparison.Ordinal);
                Assert.Equal(kept, await journal.AllAsync());
                await ShowsAsync(folder, kept);
            }

            Heal(files);
            Assert.Equal(HealthFinding.Healthy, await health.CheckAsync(CancellationToken.None));
            Assert.Null(journal.Refusal);
            Assert.Equal(2, journal.Statistics.Segments);
            for (var i = 0; i < 5; i++)
            {
                kept[$"after/{i}"] = new string('y', Journals.SmallSegment / 2);
                await journal.PutAsync($"after/{i}", kept[$"after/{i}"]);
                await ShowsAsync(folder, kept);
            }
        }

        await using var reopened = await Journals.OpenAsync(folder);
        Assert.Null(reopened.Recovery.TornTail);
        Assert.Equal(kept, await reopened.AllAsync());
    }

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task Dispose_WhileAStepOfTheSuccessionFails_LeavesAFolderThatOpens(int step, bool isDone, int times)
    {
        using var folder = new TemporaryFolder();
        var files = new ScriptedFiles();
        var journal = await FullAsync(folder, files);
        for (var time = 0; time < times; time++)
        {
            FailOnce(files, step, isDone);
            await Assert.ThrowsAsync<JournalWriteException>(async () => await journal.PutAsync("refused", "1"));
        }

        FailOnce(files, step, isDone);
        await journal.DisposeAsync();

        await using var reopened = await Journals.OpenAsync(folder);
        Assert.Equal(["full", "kept"], reopened.Keys(""));
        await reopened.PutAsync("after", "1");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(7)]
    [InlineData(int.MaxValue)]
    public async Task Put_WhenTheFenceOrTheHeaderArrivesInPart_BeginsThemAnew(int arrived)
    {
        foreach (var write in new[] { 0, 1 })
        {
            using var folder = new TemporaryFolder();
            var files = new ScriptedFiles();
            await using (var journal = await FullAsync(folder, files))
            {
                var left = write;
                files.Before = step =>
                {
                    if (step == FileStep.Write && left-- == 0)
                        files.TearNextWriteAt = arrived;
                };
                await Assert.ThrowsAsync<JournalWriteException>(async () => await journal.PutAsync("refused", "1"));
                await ShowsAsync(folder, new() { ["kept"] = "1", ["full"] = new('x', Journals.SmallSegment) });
                await journal.PutAsync("after", "1");
            }

            await using var reopened = await Journals.OpenAsync(folder);
            Assert.Equal(["after", "full", "kept"], reopened.Keys(""));
        }
    }

    [Fact]
    public async Task Compact_WhenNoSegmentCanFollow_FailsAloneAndLaterWritesBeginOne()
    {
        using var folder = new TemporaryFolder();
        var files = new ScriptedFiles();
        await using var journal = await Journals.OpenAsync(folder, files);
        using var gate = files.HoldNext(FileStep.Flush);
        var first = journal.PutAsync("first", "1").AsTask();
        await gate.Reached;
        // Both wait for the first and so share a batch.
        var second = journal.PutAsync("second", "1").AsTask();
        var compaction = journal.CompactAsync(CancellationToken.None);
        files.Fail(FileStep.Create);
        gate.Release();

        await first;
        await second;
        await Assert.ThrowsAsync<JournalWriteException>(() => compaction);
        Assert.Equal(["first", "second"], journal.Keys(""));

        await Assert.ThrowsAsync<JournalWriteException>(async () => await journal.PutAsync("refused", "1"));
        Heal(files);
        await journal.PutAsync("third", "1");
        await journal.CompactAsync(CancellationToken.None);
        Assert.Equal(["first", "second", "third"], journal.Keys(""));
    }

    /// <summary>Flushes fail at random and lose what they like, while copies are taken of what a power cut would leave.</summary>
    [Fact]
    public async Task PowerCutAfterFailedFlushesOfTheSuccession_EveryAcknowledgedWriteSurvives()
    {
        var random = Seed.Print(output);
        var (failed, cuts) = (0, 0);
        for (var run = 0; run < 20; run++)
        {
            using var folder = new TemporaryFolder();
            var files = new PowerLossFiles { Chance = new Random(random.Next()) };
            await using var journal = await Journals.OpenAsync(folder, files);
            var kept = new Dictionary<string, string>();
            for (var i = 0; i < 12; i++)
            {
                // Every value fills a segment, so that each write but the first begins with a succession, and only that is to fail.
                var value = i.ToString(CultureInfo.InvariantCulture) + new string('x', Journals.SmallSegment);
                var crashed = new List<TemporaryFolder>();
                var segments = i;
                files.NextFlushFails = () => journal.Statistics.Segments == segments && random.Next(4) == 0;
                files.BeforeStep = () =>
                {
                    if (random.Next(4) == 0)
                        crashed.Add(files.Crash(random));
                };
                while (await Record.ExceptionAsync(async () => await journal.PutAsync($"key/{i:D2}", value)) is { } failure)
                {
                    Assert.True(Assert.IsType<JournalWriteException>(failure).IsRefused);
                    failed++;
                }

                files.BeforeStep = static () => { };
                foreach (var copy in crashed)
                {
                    using (copy)
                    await using (var survivor = await Journals.OpenAsync(copy))
                    {
                        cuts++;
                        var found = await survivor.AllAsync();
                        found.Remove($"key/{i:D2}");
                        Assert.Equal(kept, found);
                    }
                }

                kept.Add($"key/{i:D2}", value);
                using var after = files.Crash(random);
                await using var seen = await Journals.OpenAsync(after);
                Assert.Equal(kept, await seen.AllAsync());
            }
        }

        output.WriteLine($"{failed} successions failed, {cuts} power cuts");
        Assert.True(failed > 20 && cuts > 100);
    }

    private static async Task<Journal.Journal> FullAsync(TemporaryFolder folder, ScriptedFiles files)
    {
        var journal = await Journals.OpenAsync(folder, files);
        await journal.PutAsync("kept", "1");
        await journal.PutAsync("full", new string('x', Journals.SmallSegment));
        return journal;
    }

    /// <summary>Fails the next step that is one of the succession's, before or after it was done; whatever repairs there are go well.</summary>
    private static void FailOnce(ScriptedFiles files, int step, bool isDone)
    {
        Heal(files);
        var (hasCreated, hasFailed) = (false, false);
        void Fail(FileStep next)
        {
            if (hasFailed || next != Succession[step] || hasCreated != step > 2)
                return;
            hasFailed = true;
            throw new IOException($"No space left on device ({next}).");
        }

        if (isDone)
        {
            files.Before = next => hasCreated |= next == FileStep.Create && step != 2;
            files.After = Fail;
        }
        else
        {
            files.Before = Fail;
            files.After = next => hasCreated |= next == FileStep.Create;
        }
    }

    private static void Heal(ScriptedFiles files)
    {
        files.Before = static _ => { };
        files.After = static _ => { };
    }

    /// <summary>What a start would find, were the process to die now.</summary>
    private static async Task ShowsAsync(TemporaryFolder folder, Dictionary<string, string> expected)
    {
        using var copy = folder.Copy();
        await using var survivor = await Journals.OpenAsync(copy);
        Assert.Equal(expected, await survivor.AllAsync());
    }
}
