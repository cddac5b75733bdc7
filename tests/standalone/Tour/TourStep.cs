namespace OrleansChat.Standalone.Tests.Tour;

/// <summary>A line that the reader types, and what the page says comes back.</summary>
/// <param name="Command">The line behind <c>$ </c>, or <c>^C</c>.</param>
/// <param name="Output">The lines that follow.</param>
internal sealed record TourStep(string Command, IReadOnlyList<string> Output)
{
    private const string Prompt = "$ ";
    private const string Interrupt = "^C";

    /// <summary>The steps of a section of a page: its <c>console</c> blocks, in order.</summary>
    public static IReadOnlyList<TourStep> Read(string page, string heading)
    {
        var steps = new List<TourStep>();
        var output = new List<string>();
        var inSection = false;
        var inBlock = false;
        foreach (var line in page.Split('\n'))
        {
            if (!inBlock && line.StartsWith("## ", StringComparison.Ordinal))
                inSection = line == heading;
            else if (inSection && line.StartsWith("```", StringComparison.Ordinal))
                inBlock = !inBlock && line == "```console";
            else if (inSection && inBlock && (line.StartsWith(Prompt, StringComparison.Ordinal) || line == Interrupt))
                steps.Add(new TourStep(line == Interrupt ? line : line[Prompt.Length..], output = []));
            else if (inSection && inBlock)
                output.Add(line);
        }

        return steps;
    }
}
