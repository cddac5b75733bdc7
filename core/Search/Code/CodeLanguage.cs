namespace OrleansChat.Core.Search.Code;

/// <summary>How a language's text is read.</summary>
internal enum CodeSyntax
{
    CSharp,
    Java,
    JavaScript,
    Go,
    Rust,
    Cpp,
    Python,
}

/// <summary>A programming language whose declarations are known.</summary>
/// <param name="Name">Its name in filters and answers.</param>
/// <param name="Syntax">How its text is read.</param>
/// <param name="Extensions">The extensions of its files, in lower case with the dot.</param>
internal sealed record CodeLanguage(string Name, CodeSyntax Syntax, params IReadOnlyList<string> Extensions)
{
    /// <summary>The languages.</summary>
    public static IReadOnlyList<CodeLanguage> All { get; } =
    [
        new("csharp", CodeSyntax.CSharp, ".cs", ".csx"),
        new("python", CodeSyntax.Python, ".py", ".pyi"),
        new("javascript", CodeSyntax.JavaScript, ".js", ".mjs", ".cjs", ".jsx"),
        new("typescript", CodeSyntax.JavaScript, ".ts", ".mts", ".cts", ".tsx"),
        new("go", CodeSyntax.Go, ".go"),
        new("java", CodeSyntax.Java, ".java"),
        new("rust", CodeSyntax.Rust, ".rs"),
        new("c", CodeSyntax.Cpp, ".c", ".h"),
        new("cpp", CodeSyntax.Cpp, ".cc", ".cpp", ".cxx", ".hh", ".hpp", ".hxx", ".ipp"),
    ];
}
