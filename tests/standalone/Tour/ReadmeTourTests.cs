using System.Diagnostics;
using OrleansChat.Standalone.Tests.Journals;
using OrleansChat.Testing;

namespace OrleansChat.Standalone.Tests.Tour;

public sealed class ReadmeTourTests
{
    [Fact]
    public async Task Tour_TakenAsTheReadmeTellsIt_ShowsWhatTheReadmeShows()
    {
        var steps = TourStep.Read(await File.ReadAllTextAsync(Path.Combine(RepositoryFolder.Root, "README.md")), "## A tour of five minutes");
        Assert.True(steps.Count >= 8, "The tour has lost its steps.");

        using var folder = new TemporaryFolder();
        await using var run = new TourRun(RepositoryFolder.Root, folder.Path);
        foreach (var step in steps)
            await run.TakeAsync(step);
    }

    [Fact]
    public async Task DotnetRun_OfTheExecutable_StaysInTheReadersFolder()
    {
        // The tour starts what is built; the reader starts the project, for which the web SDK has a folder of its own.
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, WorkingDirectory = RepositoryFolder.Root };
        foreach (var argument in (string[])["msbuild", "standalone/OrleansChat.Standalone.csproj", "-getProperty:RunWorkingDirectory"])
            start.ArgumentList.Add(argument);

        using var asked = Process.Start(start)!;
        var folder = await asked.StandardOutput.ReadToEndAsync();
        await asked.WaitForExitAsync();

        Assert.Equal(0, asked.ExitCode);
        Assert.Equal("", folder.Trim());
    }
}
