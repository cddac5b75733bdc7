using System.Text.Json;
using Microsoft.Extensions.AI;
using OrleansChat.Core.Errors;
using OrleansChat.GatewayApi.Bodies;
using OrleansChat.GatewayApi.Translation;

namespace OrleansChat.GatewayApi.Anthropic;

/// <summary>Anthropic's tools in common terms: those that the client runs. Those that Anthropic runs are nowhere else.</summary>
internal static class MessagesTools
{
    /// <summary>Reads the tools; null for none.</summary>
    /// <exception cref="RequestException">One of them is not the client's own.</exception>
    public static List<AITool>? Read(Fields fields)
    {
        if (fields.Items("tools", int.MaxValue) is not { Count: > 0 } items)
            return null;
        var tools = new List<AITool>(items.Count);
        foreach (var (i, item) in items.Index())
        {
            var tool = Fields.Of(item, $"tools[{i}].");
            if (tool.Text("type", int.MaxValue) is not (null or "custom"))
                throw Untranslatable.Refuse($"tools[{i}].type", "Declare a tool of your own with 'name' and 'input_schema', or choose another model.");
            if (tool.Find("input_schema") is not { ValueKind: JsonValueKind.Object } schema)
                throw RequestException.Invalid($"tools[{i}].input_schema", $"'tools[{i}].input_schema' is required and must be an object.");
            tools.Add(new DeclaredTool(tool.RequiredText("name", int.MaxValue), tool.Text("description", int.MaxValue), schema, tool.Flag("strict")));
            tool.ThrowIfFaulty();
        }

        return tools;
    }

    /// <summary>Reads which tools are to be called, and whether several at once may be.</summary>
    public static (ChatToolMode? Mode, bool? AllowsSeveral) ReadChoice(Fields fields)
    {
        if (fields.Object("tool_choice") is not { } choice)
            return (null, null);
        ChatToolMode? mode = choice.Word("type", "auto", "any", "tool", "none") switch
        {
            "any" => ChatToolMode.RequireAny,
            "tool" => choice.RequiredText("name", int.MaxValue) is { Length: > 0 } name ? ChatToolMode.RequireSpecific(name) : null,
            "none" => ChatToolMode.None,
            _ => ChatToolMode.Auto,
        };
        return (mode, choice.Flag("disable_parallel_tool_use") is true ? false : null);
    }
}
