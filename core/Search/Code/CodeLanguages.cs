namespace OrleansChat.Core.Search.Code;

/// <summary>The programming languages whose symbols are known.</summary>
public static class CodeLanguages
{
    /// <summary>Their names, as filters and answers use them.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. CodeLanguage.All.Select(language => language.Name)];

    /// <summary>A language by its name or another that it goes by, such as <c>C#</c>.</summary>
    /// <param name="name">The name, in any case.</param>
    /// <returns>The language's name; null where it is not known.</returns>
    public static string? Named(string name)
    {
        var known = name.ToLowerInvariant() switch
        {
            "c#" or "cs" => "csharp",
            "c++" or "cxx" or "cc" => "cpp",
            "js" or "node" => "javascript",
            "ts" => "typescript",
            "golang" => "go",
            "py" or "python3" => "python",
            "rs" => "rust",
            var other => other,
        };
        return Names.Contains(known) ? known : null;
    }

    /// <summary>The language of a file.</summary>
    /// <param name="path">Its path; null where it has none.</param>
    /// <returns>The language's name; null where it is not known.</returns>
    public static string? Of(string? path)
    {
        var extension = Path.GetExtension(path ?? "").ToLowerInvariant();
        return CodeLanguage.All.FirstOrDefault(language => language.Extensions.Contains(extension))?.Name;
    }
}
