using System.Text.Json;

namespace OrleansChat.Standalone.Tests.Tour;

/// <summary>
/// Holds what the page shows against what came back. Ids, times and texts differ from run to run, so names and kinds of values and lengths of lists are compared;
/// an id that the page shows stands for the id that came in its place from then on, and for no other.
/// </summary>
internal sealed class DocumentedOutput
{
    private const string Event = "event: ";
    private const string Data = "data: ";

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

    /// <summary>Compares the events of two streams: the kinds in the order in which each first comes, and of each kind the first that is shown with the first that came.</summary>
    public void AssertSameEvents(IReadOnlyList<string> shown, string actual)
    {
        var (left, right) = (FirstOfEachKind(shown), FirstOfEachKind(actual.Split('\n')));
        Assert.Equal(left.Select(first => first.Kind), right.Select(first => first.Kind));
        foreach (var (first, second) in left.Zip(right))
            AssertSameShape(first.Data, second.Data);
    }

    private static List<(string Kind, string Data)> FirstOfEachKind(IReadOnlyList<string> lines) =>
        [.. lines.Zip(lines.Skip(1)).Where(pair => pair.First.StartsWith(Event, StringComparison.Ordinal)).Select(pair => (pair.First[Event.Length..], pair.Second[Data.Length..])).DistinctBy(pair => pair.Item1)];

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
            case JsonValueKind.Array when actual.ValueKind == JsonValueKind.Array:
                Assert.True(shown.GetArrayLength() == actual.GetArrayLength(), $"{path}: the page shows {shown.GetArrayLength()} items, the server sent {actual.GetArrayLength()}: {actual}");
                foreach (var (index, item) in shown.EnumerateArray().Index())
                    Compare(item, actual[index], $"{path}[{index}]");

                break;
            case JsonValueKind.String when Guid.TryParse(shown.GetString(), out _):
                var came = actual.GetString()!;
                Assert.True(_ids.TryAdd(shown.GetString()!, came) || _ids[shown.GetString()!] == came, $"{path}: the page shows an id that was {_ids[shown.GetString()!]} before, the server sent {came}");
                break;
        }
    }

    private static IEnumerable<string> Names(JsonElement element) => element.EnumerateObject().Select(property => property.Name);

    private static JsonValueKind Kind(JsonElement element) => element.ValueKind == JsonValueKind.False ? JsonValueKind.True : element.ValueKind;
}
