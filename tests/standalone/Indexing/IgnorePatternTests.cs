using OrleansChat.Standalone.Indexing;

namespace OrleansChat.Standalone.Tests.Indexing;

public sealed class IgnorePatternTests
{
    [Theory]
    [InlineData("*.log", "a.log", true)]
    [InlineData("*.log", "deep/down/a.log", true)]
    [InlineData("*.log", "a.logs", false)]
    [InlineData("/a.log", "a.log", true)]
    [InlineData("/a.log", "b/a.log", false)]
    [InlineData("b/a.log", "b/a.log", true)]
    [InlineData("b/a.log", "c/b/a.log", false)]
    [InlineData("b/*.log", "b/c/a.log", false)]
    [InlineData("**/a.log", "a.log", true)]
    [InlineData("**/a.log", "b/c/a.log", true)]
    [InlineData("b/**", "b/c/a.log", true)]
    [InlineData("b/**", "b", false)]
    [InlineData("b/**/a.log", "b/a.log", true)]
    [InlineData("b/**/a.log", "b/c/d/a.log", true)]
    [InlineData("b/**/a.log", "b/ca.log", false)]
    [InlineData("a?c", "abc", true)]
    [InlineData("a?c", "a/c", false)]
    [InlineData("[a-c].md", "b.md", true)]
    [InlineData("[!a-c].md", "b.md", false)]
    [InlineData("[!a-c].md", "d.md", true)]
    [InlineData("a[!b]c", "a/c", false)]
    [InlineData("[]].md", "].md", true)]
    [InlineData("\\#a", "#a", true)]
    [InlineData("\\!a", "!a", true)]
    [InlineData("a\\*", "a*", true)]
    [InlineData("a\\*", "ab", false)]
    [InlineData("a.c", "abc", false)]
    [InlineData("with space  ", "with space", true)]
    [InlineData("foo**bar", "fooxbar", true)]
    [InlineData("foo**bar", "foo/bar", false)]
    public void Matches_AsGitDoes(string pattern, string path, bool expected) =>
        Assert.Equal(expected, IgnorePattern.TryParse(pattern)!.Matches(path, isFolder: false));

    [Theory]
    [InlineData("")]
    [InlineData("   ")]
    [InlineData("# comment")]
    [InlineData("/")]
    [InlineData("a\\")]
    [InlineData("[a")]
    [InlineData("[z-a]")]
    public void TryParse_OfWhatCannotMatch_GivesNone(string line) => Assert.Null(IgnorePattern.TryParse(line));

    [Fact]
    public void Matches_WithASlashAtTheEnd_MeansFoldersOnly()
    {
        var pattern = IgnorePattern.TryParse("out/")!;
        Assert.True(pattern.Matches("a/out", isFolder: true));
        Assert.False(pattern.Matches("a/out", isFolder: false));
    }
}
