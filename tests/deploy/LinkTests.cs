using System.Text.RegularExpressions;

namespace OrleansChat.Deploy.Tests;

/// <summary>Links of all pages lead to files that exist, and to headings that they have.</summary>
public sealed partial class LinkTests
{
    public static TheoryData<string> AllPages() => Pages.All();

    [Theory]
    [MemberData(nameof(AllPages))]
    public void EveryLink_LeadsToWhatExists(string page) => Assert.Empty(DeadLinksOf(File.ReadAllText(Repository.PathOf(page)), Repository.PathOf(page)));

    [Fact]
    public void ALink_ToNoFileOrNoHeading_IsFound()
    {
        const string text = "[a](none.md) [b](operations.md#none) [c](operations.md#what-runs-where) [d](../README.md) [e](https://example.com/x) [f](#here)\n\n## Here\n";
        Assert.Equal(["none.md", "operations.md#none"], DeadLinksOf(text, Repository.PathOf("docs", "health.md")));
        Assert.Equal(["#gone"], DeadLinksOf("[a](#gone)", Repository.PathOf("docs", "health.md")));
    }

    private static IEnumerable<string> DeadLinksOf(string text, string page)
    {
        foreach (var link in Link().Matches(text).Where(link => !link.Groups["path"].Value.Contains("://", StringComparison.Ordinal)))
        {
            var (path, heading) = (link.Groups["path"].Value, link.Groups["heading"].Value);
            var target = path.Length == 0 ? page : Path.GetFullPath(Path.Combine(Path.GetDirectoryName(page)!, path));
            var exists = File.Exists(target) || Directory.Exists(target);
            if (!exists || (heading.Length > 0 && !HeadingsOf(path.Length == 0 ? text : File.ReadAllText(target)).Contains(heading)))
                yield return heading.Length > 0 ? $"{path}#{heading}" : path;
        }
    }

    // As they are linked to: small letters, spaces as hyphens, without punctuation.
    private static HashSet<string> HeadingsOf(string text) =>
        [.. Heading().Matches(text).Select(heading => NotInAnchors().Replace(heading.Groups["text"].Value.TrimEnd().ToLowerInvariant(), "").Replace(' ', '-'))];

    [GeneratedRegex(@"\]\((?<path>[^)#\s]*)(#(?<heading>[^)\s]+))?\)")]
    private static partial Regex Link();

    [GeneratedRegex("^#+ (?<text>.+)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"[^\p{L}\p{N} _-]")]
    private static partial Regex NotInAnchors();
}
