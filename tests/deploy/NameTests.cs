using System.Collections;
using System.Text.RegularExpressions;
using OrleansChat.Core.Settings;

namespace OrleansChat.Deploy.Tests;

/// <summary>What all pages call by its name has that name.</summary>
public sealed partial class NameTests
{
    /// <summary>Every name in the sources.</summary>
    private static readonly Lazy<HashSet<string>> Names = new(ReadNames);

    public static TheoryData<string> AllPages() => Pages.All();

    [Theory]
    [MemberData(nameof(AllPages))]
    public void EverySetting_IsOneThatTheCodeKnows(string page) => Assert.Empty(UnknownSettingsOf(Repository.Read(page)));

    [Theory]
    [MemberData(nameof(AllPages))]
    public void EveryTest_IsOneThatThereIs(string page) => Assert.Empty(UnknownTestsOf(Repository.Read(page)));

    [Fact]
    public void ASettingOrTest_ThatThereIsNot_IsFound()
    {
        Assert.Equal(
            ["Gateway:MaxSpeed", "Upstreams:0:Colour"],
            UnknownSettingsOf("`Gateway:MaxLag`, `Gateway:MaxSpeed=3`, `Upstreams:0:Colour`, `Upstreams:N:MaxSlowdown`, `Limits:MaxConcurrent`, `Gateway:Sockets:MaxOpen=1`"));
        Assert.Equal(["NoSuchTests", "Nothing_OfTheKind_IsTested"], UnknownTestsOf("`NameTests`, `NoSuchTests`, `Nothing_OfTheKind_IsTested`"));
    }

    private static IEnumerable<string> UnknownSettingsOf(string text) =>
        Setting().Matches(text).Select(match => match.Groups["key"].Value).Distinct().Where(key => !Exists(key.Split(':')));

    // A path begins at the root, or at a section that several have, such as Limits.
    private static bool Exists(string[] path) =>
        typeof(OrleansChatOptions).Assembly.GetTypes().Any(type => type.Name.EndsWith("Options", StringComparison.Ordinal) && Leads(type, path));

    private static bool Leads(Type type, string[] path)
    {
        foreach (var part in path)
        {
            if (type != typeof(string) && type.IsAssignableTo(typeof(IEnumerable)) && (part == "N" || int.TryParse(part, out _)))
            {
                type = type.GetGenericArguments()[^1];
                continue;
            }

            if (type.GetProperty(part) is not { } property)
                return false;
            type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
        }

        return true;
    }

    private static IEnumerable<string> UnknownTestsOf(string text) =>
        Test().Matches(text).Select(match => match.Groups["name"].Value).Distinct().Where(name => !Names.Value.Contains(name));

    private static HashSet<string> ReadNames()
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        var file = Path.Combine("deploy", "NameTests.cs");
        foreach (var source in Directory.EnumerateFiles(Repository.PathOf("tests"), "*.cs", SearchOption.AllDirectories).Where(source => !source.EndsWith(file, StringComparison.Ordinal)))
            names.UnionWith(Declared().Matches(File.ReadAllText(source)).Select(match => match.Groups["name"].Value));
        names.Add(nameof(NameTests));
        return names;
    }

    [GeneratedRegex("`(OrleansChat:)?(?<key>[A-Z][A-Za-z]+(:[A-Z0-9][A-Za-z0-9]*)+)(=[^`]*)?`")]
    private static partial Regex Setting();

    [GeneratedRegex("`(?<name>[A-Z][A-Za-z0-9]*Tests|[A-Z][a-z][A-Za-z0-9]*(_[A-Z][A-Za-z0-9]*)+)`")]
    private static partial Regex Test();

    [GeneratedRegex(@"\b(class|Task|void) (?<name>\w+)")]
    private static partial Regex Declared();
}
