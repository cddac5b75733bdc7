using System.Text.RegularExpressions;
using OrleansChat.Standalone.Commands;
using OrleansChat.Testing;

namespace OrleansChat.Standalone.Tests.Tour;

/// <summary>Every command of the executable that a page shows is one that it understands.</summary>
public sealed partial class PageCommandTests
{
    public static TheoryData<string, string> Commands()
    {
        var commands = new TheoryData<string, string>();
        string[] pages = [Path.Combine(RepositoryFolder.Root, "README.md"), .. Directory.EnumerateFiles(Path.Combine(RepositoryFolder.Root, "docs"), "*.md", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];
        foreach (var page in pages)
        {
            foreach (Match shown in Command().Matches(File.ReadAllText(page)))
                commands.Add(Path.GetRelativePath(RepositoryFolder.Root, page), shown.Groups["arguments"].Value.Trim());
        }

        return commands;
    }

    [Theory]
    [MemberData(nameof(Commands))]
    public void Command_ThatAPageShows_IsUnderstood(string page, string arguments) => Assert.True(IsUnderstood(arguments), $"{page}: {arguments}");

    [Theory]
    [InlineData("keys mint")]
    [InlineData("keys create --id a --colour red")]
    [InlineData("--indx docs")]
    [InlineData("backup")]
    public void Command_ThatNobodyKnows_IsNotUnderstood(string arguments) => Assert.False(IsUnderstood(arguments));

    /// <summary>Whether nothing is at fault and nothing is left over but settings.</summary>
    private static bool IsUnderstood(string arguments)
    {
        var parsed = RootCommands.Create().Parse([.. ShellWords.Split(arguments)]);
        return parsed.Errors.Count == 0 && parsed.UnmatchedTokens.All(static left => left.StartsWith("--OrleansChat:", StringComparison.Ordinal));
    }

    [GeneratedRegex("dotnet run --project standalone -- (?<arguments>[^`#\n]+)")]
    private static partial Regex Command();
}
