using System.Text.RegularExpressions;
using OrleansChat.Testing;

namespace OrleansChat.Deploy.Tests;

/// <summary>The files of the repository that the tests were built from.</summary>
internal static partial class Repository
{
    /// <summary>Its root.</summary>
    public static string Root => RepositoryFolder.Root;

    /// <summary>A path in it.</summary>
    public static string PathOf(params string[] parts) => Path.GetFullPath(Path.Combine([Root, .. parts]));

    /// <summary>A file's text.</summary>
    public static string Read(params string[] parts) => File.ReadAllText(PathOf(parts));

    /// <summary>The projects that a folder's project references, by folder, itself included.</summary>
    public static HashSet<string> ProjectsOf(string folder)
    {
        var found = new HashSet<string>(StringComparer.Ordinal);
        Visit(folder);
        return found;

        void Visit(string project)
        {
            if (!found.Add(project))
                return;
            foreach (Match reference in ProjectReference().Matches(File.ReadAllText(ProjectFile(project))))
                Visit(reference.Groups["folder"].Value);
        }
    }

    /// <summary>The project file in a folder.</summary>
    public static string ProjectFile(string folder) => Directory.GetFiles(PathOf(folder), "*.csproj").Single();

    [GeneratedRegex("""<ProjectReference Include="\.\./(?<folder>[a-z-]+)/""")]
    private static partial Regex ProjectReference();
}
