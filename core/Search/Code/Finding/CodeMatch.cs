namespace OrleansChat.Core.Search.Code.Finding;

/// <summary>How well a symbol answers to a name.</summary>
internal static class CodeMatch
{
    private const double Exact = 1;
    private const double OtherCase = 0.6;
    private const double OtherContainer = 0.4;
    private const double Beginning = 0.1;
    private const double Test = 0.03;
    private const double Implementation = 0.02;
    private const double Function = 0.01;

    /// <summary>0 for not at all, up to a little above 1.</summary>
    public static double Of(CodeSymbol code, SymbolName name, string? path)
    {
        var likeness = Likeness(code, name);
        if (likeness < OtherContainer)
            return likeness;

        // Of equal names: what is tested before its tests, a declaration before what adds to it, a type before its constructor.
        if (path is not null && path.Contains("test", StringComparison.OrdinalIgnoreCase))
            likeness -= Test;
        if (code.Kind == SymbolKinds.Implementation)
            likeness -= Implementation;
        if (SymbolKinds.IsFunction(code.Kind) && code.Container is { } container && (container == code.Name || container.EndsWith($".{code.Name}", StringComparison.Ordinal)))
            likeness -= Function;
        return likeness;
    }

    private static double Likeness(CodeSymbol code, SymbolName name)
    {
        var own = code.Name!;
        if (own.Equals(name.Name, StringComparison.OrdinalIgnoreCase))
        {
            var isOf = name.Container is null || (code.Container is { } container
                && (container.Equals(name.Container, StringComparison.OrdinalIgnoreCase) || container.EndsWith($".{name.Container}", StringComparison.OrdinalIgnoreCase)));
            return !isOf ? OtherContainer : own == name.Name ? Exact : OtherCase;
        }

        return own.StartsWith(name.Name, StringComparison.OrdinalIgnoreCase) ? Beginning : 0;
    }
}
