using System.Text;
using OrleansChat.Core.Turns;

namespace OrleansChat.Providers.Builtin;

/// <summary>Writes an answer out of quotations, or says plainly that there is none.</summary>
internal static class ExtractiveAnswer
{
    /// <summary>The answer to a question, in Markdown.</summary>
    public static string Write(string question, IReadOnlyList<Passage> passages)
    {
        var quotations = SentenceSelection.Select(question, passages);
        return quotations.Count == 0 ? NothingFound : Quote(quotations);
    }

    private const string NothingFound =
        "I found nothing about this in the indexed documents, and no language model is configured that could answer without them.\n\n"
        + "To index documents, start the server with `--index FOLDER`, or send them to `POST /api/collections/{name}/documents`. "
        + "To get written answers, add an upstream and a model to the settings.";

    private const string Lead = "No language model is configured, so I quote what the indexed documents say:";

    private static string Quote(IReadOnlyList<Quotation> quotations)
    {
        var answer = new StringBuilder(Lead);
        foreach (var quotation in quotations)
            answer.Append("\n\n> ").Append(quotation.Text).Append(" [").Append(quotation.Passage.Citation.N).Append(']');
        answer.Append("\n\nSources:");
        foreach (var passage in quotations.Select(quotation => quotation.Passage).Distinct())
            answer.Append("\n[").Append(passage.Citation.N).Append("] ").Append(Place(passage));
        return answer.ToString();
    }

    private static string Place(Passage passage)
    {
        var citation = passage.Citation;
        var path = citation.Path ?? citation.DocumentId;
        var place = citation is { StartLine: { } start, EndLine: { } end }
            ? $"{path}, {(start == end ? $"line {start}" : $"lines {start}–{end}")}"
            : path;
        return string.IsNullOrWhiteSpace(passage.Title) ? place : $"{passage.Title} ({place})";
    }
}
