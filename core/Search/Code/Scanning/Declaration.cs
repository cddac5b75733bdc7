namespace OrleansChat.Core.Search.Code.Scanning;

/// <summary>What a brace opens.</summary>
internal enum ScopeKind
{
    /// <summary>The file, or a namespace or module.</summary>
    File,

    /// <summary>A type's members.</summary>
    Type,

    /// <summary>An object literal.</summary>
    Object,

    /// <summary>A function's body.</summary>
    Function,

    /// <summary>Anything else.</summary>
    Other,
}

/// <summary>What a header declares.</summary>
internal readonly record struct Declaration
{
    /// <summary>A block that declares nothing.</summary>
    public static Declaration Nothing => new() { Scope = ScopeKind.Other };

    /// <summary>A block within a statement that goes on after it.</summary>
    public static Declaration Continued => new() { Scope = ScopeKind.Other, Continues = true };

    /// <summary>The symbol's name; null for none.</summary>
    public string? Name { get; init; }

    /// <summary>The type it belongs to, where the header itself names it.</summary>
    public string? Container { get; init; }

    /// <summary>One of <see cref="SymbolKinds"/>.</summary>
    public string? Kind { get; init; }

    /// <summary>What the brace opens.</summary>
    public ScopeKind Scope { get; init; }

    /// <summary>Whether the statement goes on after the block.</summary>
    public bool Continues { get; init; }

    /// <summary>Whether the name follows the block, as in C's <c>typedef struct { … } Name</c>.</summary>
    public bool IsNamedAfter { get; init; }

    /// <summary>Where the attributes end and the signature begins; 0 where there are none.</summary>
    public int SignatureStart { get; init; }

    /// <summary>A function.</summary>
    public static Declaration Function(string name, ScopeKind outer, string? container = null) => new()
    {
        Name = name,
        Container = container,
        Kind = outer is ScopeKind.Type or ScopeKind.Object || container is not null ? SymbolKinds.Method : SymbolKinds.Function,
        Scope = ScopeKind.Function,
    };

    /// <summary>A type.</summary>
    public static Declaration Type(string name) => new() { Name = name, Kind = SymbolKinds.Type, Scope = ScopeKind.Type };

    /// <summary>A namespace or module.</summary>
    public static Declaration File() => new() { Scope = ScopeKind.File };
}

/// <summary>Where a header stands.</summary>
/// <param name="Scope">The scope around it.</param>
/// <param name="TypeName">The name of the innermost type around it; null outside types.</param>
/// <param name="IsInTypeGroup">Whether it stands within Go's <c>type ( … )</c>.</param>
internal readonly record struct DeclarationPlace(ScopeKind Scope, string? TypeName, bool IsInTypeGroup);

/// <summary>Reads declarations of one syntax. Stateless.</summary>
internal interface IDeclarationReader
{
    /// <summary>What a header before a brace declares.</summary>
    Declaration Block(Header header, DeclarationPlace place);

    /// <summary>What a statement without a body of its own declares; nothing by its name.</summary>
    Declaration Statement(Header header, DeclarationPlace place);
}
