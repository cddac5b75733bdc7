using OrleansChat.Core.Search.Code;
using OrleansChat.Core.Search.Ingestion;
using OrleansChat.GatewayApi.Bodies;

namespace OrleansChat.GatewayApi.Search;

/// <summary>
/// A document that is one symbol, taken out of its file by whoever sends it: of kind <c>code_node</c>, or with one of its fields. It needs
/// <c>name</c>, <c>line_number</c> and <c>complexity</c>, and may have <c>end_line</c>, <c>language</c>, <c>signature</c>, <c>container</c> and <c>symbol_kind</c>.
/// </summary>
internal static class CodeNode
{
    private const string Kind = "code_node";
    private const int MaxLine = 100_000_000;
    private const int MaxComplexity = 1_000_000;

    /// <summary>Reads the symbol; null for any other document. What is missing stays with the fields, each by itself.</summary>
    public static CodeSymbol? Read(Fields fields)
    {
        if (fields.Text("kind", DocumentRules.MaxLabel) != Kind && !fields.Has("line_number") && !fields.Has("complexity"))
            return null;
        return new CodeSymbol
        {
            Language = fields.Text("language", DocumentRules.MaxLabel) ?? CodeLanguages.Of(fields.Text("path", DocumentRules.MaxLabel)) ?? "unknown",
            Name = fields.RequiredText("name", DocumentRules.MaxLabel),
            Container = fields.Text("container", DocumentRules.MaxLabel),
            Kind = fields.Text("symbol_kind", DocumentRules.MaxLabel) ?? SymbolKinds.Function,
            Signature = fields.Text("signature", DocumentRules.MaxLabel),
            Line = Required(fields, "line_number", 1, MaxLine),
            EndLine = fields.Whole("end_line", 1, MaxLine),
            Complexity = Required(fields, "complexity", 0, MaxComplexity),
        };
    }

    private static int? Required(Fields fields, string name, int min, int max)
    {
        if (!fields.Has(name))
            fields.Fault(name, "is required and must be a whole number");
        return fields.Whole(name, min, max);
    }
}
