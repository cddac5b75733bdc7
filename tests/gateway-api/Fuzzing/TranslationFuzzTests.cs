using System.Text.Json.Nodes;
using OrleansChat.Core.Settings;
using OrleansChat.GatewayApi.Tests.Anthropic;
using OrleansChat.Testing;
using Xunit.Abstractions;

namespace OrleansChat.GatewayApi.Tests.Fuzzing;

/// <summary>Requests that are nearly right, to models whose upstream speaks another protocol: each is translated or refused, none breaks the server.</summary>
public sealed class TranslationFuzzTests(ITestOutputHelper output)
{
    private const int Requests = 400;

    private const string Completion = """
        {"model":"default","max_tokens":9,"temperature":1,"stop":["a"],"user":"u","n":1,"logprobs":false,"parallel_tool_calls":true,"tool_choice":{"type":"function","function":{"name":"f"}},
         "tools":[{"type":"function","function":{"name":"f","description":"d","parameters":{"type":"object"},"strict":true}}],
         "response_format":{"type":"json_schema","json_schema":{"name":"a","description":"d","schema":{"type":"object"}}},
         "messages":[{"role":"system","content":[{"type":"text","text":"a"}]},
                     {"role":"user","content":[{"type":"text","text":"a"},{"type":"image_url","image_url":{"url":"data:image/png;base64,iVBORw0KGgo="}},{"type":"file","file":{"file_data":"data:application/pdf;base64,JVBERg=="}}]},
                     {"role":"assistant","content":"a","refusal":null,"tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":"{}"}}]},
                     {"role":"tool","tool_call_id":"c","content":"a"}]}
        """;

    private const string Message = """
        {"model":"default","max_tokens":9,"temperature":1,"top_p":1,"top_k":4,"stop_sequences":["a"],"metadata":{"user_id":"u"},"thinking":{"type":"enabled","budget_tokens":9},
         "system":[{"type":"text","text":"a","cache_control":{"type":"ephemeral"}}],"tool_choice":{"type":"tool","name":"f","disable_parallel_tool_use":true},
         "tools":[{"name":"f","description":"d","input_schema":{"type":"object"},"strict":true}],"output_config":{"format":{"type":"json_schema","schema":{"type":"object"}}},
         "messages":[{"role":"user","content":[{"type":"text","text":"a"},{"type":"image","source":{"type":"base64","media_type":"image/png","data":"iVBORw0KGgo="}},{"type":"document","source":{"type":"base64","media_type":"application/pdf","data":"JVBERg=="}}]},
                     {"role":"assistant","content":[{"type":"thinking","thinking":"a","signature":"s"},{"type":"text","text":"a"},{"type":"tool_use","id":"t","name":"f","input":{"a":1}}]},
                     {"role":"user","content":[{"type":"tool_result","tool_use_id":"t","is_error":true,"content":[{"type":"text","text":"a"},{"type":"image","source":{"type":"url","url":"https://example.org/a.png"}}]}]}]}
        """;

    private const string Response = """
        {"model":"default","max_output_tokens":9,"temperature":1,"top_p":1,"instructions":"a","store":true,"metadata":{"a":"b"},"parallel_tool_calls":true,"tool_choice":{"type":"function","name":"f"},
         "tools":[{"type":"function","name":"f","description":"d","parameters":{"type":"object"},"strict":true}],"text":{"format":{"type":"json_schema","name":"a","schema":{"type":"object"}}},
         "input":[{"role":"user","content":[{"type":"input_text","text":"a"},{"type":"input_image","image_url":"https://example.org/a.png"},{"type":"input_file","file_data":"data:application/pdf;base64,JVBERg=="}]},
                  {"type":"message","role":"assistant","content":[{"type":"output_text","text":"a"},{"type":"refusal","refusal":"a"}]},
                  {"type":"function_call","call_id":"c","name":"f","arguments":"{}"},{"type":"function_call_output","call_id":"c","output":[{"type":"input_text","text":"a"}]}]}
        """;

    private static readonly string[] Values = ["null", "5", "-1.5e300", "\"\"", "\"x\"", "\"data:,\"", "[]", "{}", "[[]]", "[null]", "true", "{\"type\":\"x\"}", "\"\\u0000\""];

    [Theory]
    [InlineData(UpstreamKind.Anthropic, "/v1/chat/completions", Completion)]
    [InlineData(UpstreamKind.OpenAI, "/v1/messages", Message)]
    [InlineData(UpstreamKind.Anthropic, "/v1/messages", Message)]
    [InlineData(UpstreamKind.OpenAI, "/v1/messages/count_tokens", Message)]
    [InlineData(UpstreamKind.Anthropic, "/v1/responses", Response)]
    [InlineData(UpstreamKind.OpenAI, "/v1/responses", Response)]
    public async Task NearlyRightRequest_IsAnsweredOrRefused(UpstreamKind kind, string path, string body)
    {
        var random = Seed.Print(output);
        await using var host = await MessagesHost.StartAsync(kind);
        host.Upstream.Fallback = _ => kind is UpstreamKind.Anthropic ? Reply.Message("a") : Reply.Text("a");
        var answered = 0;
        for (var i = 0; i < Requests; i++)
        {
            var sent = Change(JsonNode.Parse(body)!, random);
            using var response = await host.SendAsync(sent, path);
            var answer = await response.Content.ReadAsStringAsync();
            Assert.True((int)response.StatusCode < 500 && host.Gateway.Faults.All.Count == 0, $"request {i}: {sent}\n{(int)response.StatusCode} {answer}\n{string.Join('\n', host.Gateway.Faults.All)}");
            answered += response.IsSuccessStatusCode ? 1 : 0;
        }

        Assert.InRange(answered, Requests / 20, Requests - 1);
    }

    /// <summary>Replaces a value, or takes one away, somewhere in the body.</summary>
    private static string Change(JsonNode body, Random random)
    {
        var places = new List<(JsonNode Parent, object Key)>();
        Collect(body, places);
        var (parent, key) = places[random.Next(places.Count)];
        var value = JsonNode.Parse(Values[random.Next(Values.Length)]);
        if (parent is JsonArray list)
            list[(int)key] = value;
        else if (random.Next(4) == 0)
            parent.AsObject().Remove((string)key);
        else
            parent[(string)key] = value;
        return body.ToJsonString();
    }

    private static void Collect(JsonNode node, List<(JsonNode Parent, object Key)> places)
    {
        IEnumerable<(object Key, JsonNode? Value)> children = node switch
        {
            JsonObject fields => fields.Select(field => ((object)field.Key, field.Value)),
            JsonArray items => items.Select((item, i) => ((object)i, item)),
            _ => [],
        };
        foreach (var (key, value) in children)
        {
            places.Add((node, key));
            if (value is not null)
                Collect(value, places);
        }
    }
}
