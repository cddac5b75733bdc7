using System.Text.Json;

namespace OrleansChat.Standalone.Tests.Tour;

/// <summary>
/// Holds what the page shows against what came back. Ids, times and texts differ from run to run, so names and kinds of values are compared;
/// an id that the page shows stands for the id that came in its place from then on.
/// </summary>
internal sealed class DocumentedOutput
{
    private readonly Dictionary<string, string> _ids = [];

    /// <summary>A line of the page with its ids replaced by those of this run.</summary>
    public string Translate(string line) => _ids.Aggregate(line, (text, id) => text.Replace(id.Key, id.Value, StringComparison.Ordinal));

    /// <summary>Compares JSON with JSON.</summary>
    public void AssertSameShape(string shown, string actual)
    {
        using var left = JsonDocument.Parse(shown);
        using var right = JsonDocument.Parse(actual);
        Compare(left.RootElement, right.RootElement, "$");
    }

    /// <summary>Compares the kinds of events of two streams in the order in which each kind first comes.</summary>
    public static void AssertSameEvents(IReadOnlyList<string> shown, string actual)
    {
        Assert.Equal(Kinds(shown), Kinds(actual.Split('\n')));

        static IReadOnlyList<string> Kinds(IEnumerable<string> lines) =>
            [.. lines.Where(line => line.StartsWith("event: ", StringComparison.Ordinal)).Distinct()];
    }

    private void Compare(JsonElement shown, JsonElement actual, string path)
    {
        if (shown.ValueKind != JsonValueKind.Null && actual.ValueKind != JsonValueKind.Null)
            Assert.True(Kind(shown) == Kind(actual), $"{path}: the page shows {shown.ValueKind}, the server sent {actual.ValueKind}: {actual}");

        switch (shown.ValueKind)
        {
            case JsonValueKind.Object when actual.ValueKind == JsonValueKind.Object:
                Assert.Equal(Names(shown), Names(actual));
                foreach (var property in shown.EnumerateObject())
                    Compare(property.Value, actual.GetProperty(property.Name), $"{path}.{property.Name}");

                break;
            case JsonValueKind.Array when shown.GetArrayLength() > 0:
                Assert.True(actual.GetArrayLength() > 0, $"{path}: the page shows items, the server sent none");
                for (var index = 0; index < Math.Min(shown.GetArrayLength(), actual.GetArrayLength()); index++)
                    Compare(shown[index], actual[index], $"{path}[{index}]");

                break;
            case JsonValueKind.String when Guid.TryParse(shown.GetString(), out _):
                _ids[shown.GetString()!] = actual.GetString()!;
                break;
        }
    }

    private static IEnumerable<string> Names(JsonElement element) => element.EnumerateObject().Select(property => property.Name);

    private static JsonValueKind Kind(JsonElement element) => element.ValueKind == JsonValueKind.False ? JsonValueKind.True : element.ValueKind;
}
