namespace OrleansChat.Testing;

/// <summary>The repository that the tests were built from.</summary>
public static class RepositoryFolder
{
    /// <summary>Its root.</summary>
    public static string Root { get; } = Find();

    private static string Find()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "OrleansChat.sln")))
            folder = folder.Parent ?? throw new InvalidOperationException("The tests do not run from the repository.");

        return folder.FullName;
    }
}
