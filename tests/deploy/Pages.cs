namespace OrleansChat.Deploy.Tests;

/// <summary>The pages that people read.</summary>
internal static class Pages
{
    /// <summary>Their paths in the repository.</summary>
    public static TheoryData<string> All()
    {
        var pages = new TheoryData<string> { "README.md", "SECURITY.md", "bench/README.md" };
        foreach (var file in Directory.EnumerateFiles(Repository.PathOf("docs"), "*.md", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
            pages.Add(Path.GetRelativePath(Repository.Root, file));
        return pages;
    }
}
