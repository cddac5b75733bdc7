using System.Text.Json.Serialization;

namespace OrleansChat.Core.Turns;

/// <summary>Where a part of an answer comes from.</summary>
/// <param name="N">The number that the answer quotes it by, from 1.</param>
/// <param name="DocumentId">The document.</param>
/// <param name="Path">Its path; null when it has none.</param>
/// <param name="StartLine">The passage's first line, from 1; null when not known.</param>
/// <param name="EndLine">The passage's last line, inclusive; null when not known.</param>
public sealed record Citation(
    int N,
    string DocumentId,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Path = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] int? StartLine = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] int? EndLine = null);
