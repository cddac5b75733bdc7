using System.Text;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace OrleansChat.Providers.OpenAI;

/// <summary>Puts tool calls together from the fragments of a stream.</summary>
internal sealed class ToolCallAssembler
{
    private readonly List<Call> _calls = [];

    /// <summary>Adds one fragment. A fragment without an index belongs to the call with its id, or else to the last one.</summary>
    public void Add(ToolCallWire fragment)
    {
        var call = Find(fragment);
        if (fragment.Id is { Length: > 0 } id)
            call.Id = id;
        // Some servers repeat the whole name in every fragment; none sends it in parts.
        if (fragment.Function?.Name is { Length: > 0 } name)
            call.Name = name;
        call.Arguments.Append(fragment.Function?.Arguments);
    }

    /// <summary>The finished calls in order, and an empty assembler.</summary>
    public IReadOnlyList<FunctionCallContent> Take()
    {
        if (_calls.Count == 0)
            return [];
        var finished = _calls.Select(call => Finish(call.Id ?? $"call_{call.Index}", call.Name, call.Arguments.ToString())).ToList();
        _calls.Clear();
        return finished;
    }

    /// <summary>A call whose arguments are JSON text; broken JSON is kept as the content's exception and raw form, not thrown.</summary>
    public static FunctionCallContent Finish(string id, string name, string arguments)
    {
        var text = arguments.Length == 0 ? "{}" : arguments;
        var call = FunctionCallContent.CreateFromParsedArguments(text, id, name, static json =>
            (IDictionary<string, object?>?)JsonSerializer.Deserialize(json, AIJsonUtilities.DefaultOptions.GetTypeInfo(typeof(IDictionary<string, object?>))));
        call.RawRepresentation = text;
        return call;
    }

    private Call Find(ToolCallWire fragment)
    {
        var found = fragment.Index is { } index ? _calls.Find(call => call.Index == index)
            : fragment.Id is { Length: > 0 } id ? _calls.Find(call => call.Id == id)
            : _calls.LastOrDefault();
        if (found is null)
            _calls.Add(found = new Call(fragment.Index ?? _calls.Count));
        return found;
    }

    private sealed class Call(int index)
    {
        public int Index { get; } = index;

        public string? Id { get; set; }

        public string Name { get; set; } = "";

        public StringBuilder Arguments { get; } = new();
    }
}
