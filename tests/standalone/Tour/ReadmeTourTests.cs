using OrleansChat.Standalone.Tests.Journals;

namespace OrleansChat.Standalone.Tests.Tour;

public sealed class ReadmeTourTests
{
    [Fact]
    public async Task Tour_TakenAsTheReadmeTellsIt_ShowsWhatTheReadmeShows()
    {
        var repository = RepositoryRoot();
        var steps = TourStep.Read(await File.ReadAllTextAsync(Path.Combine(repository, "README.md")), "## A tour of five minutes");
        Assert.True(steps.Count >= 8, "The tour has lost its steps.");

        using var folder = new TemporaryFolder();
        await using var run = new TourRun(repository, folder.Path);
        foreach (var step in steps)
            await run.TakeAsync(step);
    }

    private static string RepositoryRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "OrleansChat.sln")))
            folder = folder.Parent ?? throw new InvalidOperationException("The tests run outside the repository.");

        return folder.FullName;
    }
}
