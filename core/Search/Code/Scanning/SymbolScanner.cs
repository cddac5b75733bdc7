using OrleansChat.Core.Search.Chunking;
using OrleansChat.Core.Search.Code.Declarations;

namespace OrleansChat.Core.Search.Code.Scanning;

/// <summary>Finds the symbols of a source file. It never fails: what it cannot make sense of declares nothing.</summary>
internal static class SymbolScanner
{
    private static readonly IDeclarationReader CSharp = new CSharpDeclarations();
    private static readonly IDeclarationReader Java = new JavaDeclarations();
    private static readonly IDeclarationReader JavaScript = new JavaScriptDeclarations();
    private static readonly IDeclarationReader Go = new GoDeclarations();
    private static readonly IDeclarationReader Rust = new RustDeclarations();
    private static readonly IDeclarationReader Cpp = new CppDeclarations();

    /// <summary>The symbols at the top, in order, with those within them.</summary>
    /// <param name="source">The source.</param>
    /// <param name="mask">The source without comments and literals.</param>
    /// <param name="syntax">Its syntax.</param>
    public static IReadOnlyList<DeclaredSymbol> Scan(SourceLines source, char[] mask, CodeSyntax syntax) => syntax switch
    {
        CodeSyntax.Python => new IndentationScanner(source, mask).Scan(),
        CodeSyntax.CSharp => new BraceScanner(source, mask, CSharp, syntax).Scan(),
        CodeSyntax.Java => new BraceScanner(source, mask, Java, syntax).Scan(),
        CodeSyntax.JavaScript => new BraceScanner(source, mask, JavaScript, syntax).Scan(),
        CodeSyntax.Go => new BraceScanner(source, mask, Go, syntax).Scan(),
        CodeSyntax.Rust => new BraceScanner(source, mask, Rust, syntax).Scan(),
        _ => new BraceScanner(source, mask, Cpp, syntax).Scan(),
    };
}
