namespace OrleansChat.Standalone.Indexing;

/// <summary>
/// What is left out of a folder: what the ignore files of the folder and of those above it say, up to the root of a Git checkout. The
/// nearest file decides, and in it the last line that fits.
/// </summary>
internal sealed class IgnoreRules
{
    private const string GitFolder = ".git";

    // The later ones of a folder override the earlier ones. The second is for what Git is to keep and search is not to find.
    private static readonly string[] Files = [".gitignore", ".ignore"];

    private readonly IgnoreRules? _above;
    private readonly string _folder;
    private readonly IReadOnlyList<IgnorePattern> _patterns;

    private IgnoreRules(IgnoreRules? above, string folder, IReadOnlyList<IgnorePattern> patterns) => (_above, _folder, _patterns) = (above, folder, patterns);

    /// <summary>The rules for a folder where indexing begins: those of the checkout it is in, if it is in one.</summary>
    public static IgnoreRules At(DirectoryInfo folder)
    {
        for (var root = folder; root is not null; root = root.Parent)
        {
            if (!Directory.Exists(Path.Combine(root.FullName, GitFolder)) && !File.Exists(Path.Combine(root.FullName, GitFolder)))
                continue;
            var rules = new IgnoreRules(null, root.FullName, Read([Path.Combine(root.FullName, GitFolder, "info", "exclude")])).In(root.FullName);
            foreach (var part in Path.GetRelativePath(root.FullName, folder.FullName).Split(Path.DirectorySeparatorChar).Where(part => part != "."))
                rules = rules.In(Path.Combine(rules._folder, part));
            return rules;
        }

        return new IgnoreRules(null, folder.FullName, []).In(folder.FullName);
    }

    /// <summary>The rules for a folder within.</summary>
    public IgnoreRules In(string folder) => new(this, folder, Read(Files.Select(name => Path.Combine(folder, name))));

    /// <summary>Whether a file or folder of this folder is left out.</summary>
    public bool Ignores(string path, bool isFolder)
    {
        for (var rules = this; rules is not null; rules = rules._above)
        {
            var relative = Path.GetRelativePath(rules._folder, path).Replace('\\', '/');
            for (var i = rules._patterns.Count - 1; i >= 0; i--)
            {
                if (rules._patterns[i].Matches(relative, isFolder))
                    return !rules._patterns[i].TakesBack;
            }
        }

        return false;
    }

    private static List<IgnorePattern> Read(IEnumerable<string> files)
    {
        var patterns = new List<IgnorePattern>();
        foreach (var file in files.Where(File.Exists))
        {
            try
            {
                patterns.AddRange(File.ReadLines(file).Select(IgnorePattern.TryParse).OfType<IgnorePattern>());
            }
            catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
            {
                // What cannot be read rules nothing out.
            }
        }

        return patterns;
    }
}
