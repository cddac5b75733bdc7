using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using OrleansChat.Core.Costs;
using OrleansChat.Core.Settings;
using OrleansChat.GatewayApi.Tests.Hosting;
using OrleansChat.Testing;

namespace OrleansChat.GatewayApi.Tests.Completions;

/// <summary>Chat completions answered by an OpenAI-compatible upstream: what is not this server's business goes through to the letter.</summary>
public sealed class PassThroughTests : ScriptedGatewayTests
{
    [Theory]
    [InlineData(""" "tools":[{"type":"function","function":{"name":"f","parameters":{"type":"object"},"strict":true}},{"type":"custom","custom":{"name":"g"}}],"tool_choice":{"type":"function","function":{"name":"f"}} """)]
    [InlineData(""" "tools":[{"type":"function","function":{"name":"f"}}],"tool_choice":"required","parallel_tool_calls":false """)]
    [InlineData(""" "response_format":{"type":"json_schema","json_schema":{"name":"a","strict":true,"schema":{"type":"object"}}} """)]
    [InlineData(""" "response_format":{"type":"json_object"} """)]
    [InlineData(""" "n":2,"stop":["a","b"],"logprobs":true,"top_logprobs":5,"logit_bias":{"50256":-100},"seed":7 """)]
    [InlineData(""" "stop":"END","user":"u-1","store":true,"metadata":{"a":"b"},"service_tier":"flex","reasoning_effort":"low","verbosity":"low" """)]
    [InlineData(""" "modalities":["text","audio"],"audio":{"voice":"alloy","format":"wav"},"prediction":{"type":"content","content":"x"} """)]
    [InlineData(""" "a_field_of_tomorrow":{"numbers":[1,2.50,1e3],"text":"ü\n"},"temperature":null """)]
    public async Task Field_ReachesTheUpstreamAsItIs(string fields)
    {
        const string Messages = """
            [{"role":"developer","content":"Be brief.","name":"d"},
             {"role":"user","content":[{"type":"text","text":"Look:"},{"type":"image_url","image_url":{"url":"data:image/png;base64,iVBORw0KGgo=","detail":"low"}},
                                       {"type":"input_audio","input_audio":{"data":"UklGRg==","format":"wav"}},{"type":"file","file":{"file_id":"f"}},{"type":"a_part_of_tomorrow","x":1}]},
             {"role":"assistant","content":null,"refusal":null,"tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":"{"}}]},
             {"role":"tool","tool_call_id":"c","content":"done"}]
            """;

        using var response = await Host.Client.PostAsync("/v1/chat/completions", GatewayHost.Json($$"""{"messages":{{Messages}},"model":"default","max_tokens":9,{{fields}}}"""));

        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
        var sent = Assert.Single(Upstream.Requests);
        var expected = JsonElement.Parse($$"""{"messages":{{Messages}},"model":"scripted-model","max_tokens":9,{{fields}}}""");
        Assert.True(JsonElement.DeepEquals(expected, sent.Body), sent.Text);
    }

    [Fact]
    public async Task Answer_ComesToTheLetter()
    {
        const string Answer = """
            { "id":"c","object":"chat.completion","choices":[{"index":1,"message":{"role":"assistant","content":null,"audio":{"id":"a"},"tool_calls":[{"id":"t","type":"custom","custom":{"name":"g","input":"x"}}]},
              "logprobs":{"content":[{"token":"a","logprob":-0.10}]},"finish_reason":"tool_calls"}], "usage":{"prompt_tokens":1,"completion_tokens":2.0e0}, "system_fingerprint":"fp" }
            """;
        Upstream.Enqueue(Reply.Raw(200, "application/json", Answer));
        Assert.Equal(Answer, await AskAsync("""{"model":"default","messages":[{"role":"user","content":"Hi"}]}"""));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Stream_ThatHasSaidItIsDone_IsWhole_WhetherItsUpstreamClosesOrNot(bool isCut)
    {
        const string Said = "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hello\"},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n";
        Upstream.Enqueue(Reply.Custom(async (context, request) =>
        {
            context.Response.ContentType = "text/event-stream";
            await context.Response.WriteAsync(Said);
            await context.Response.Body.FlushAsync();
            if (isCut)
                context.Abort();
            await request.Disconnected;
        }));

        // Kept because it is whole, and given again without asking anybody.
        for (var i = 0; i < 2; i++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions") { Content = GatewayHost.Json("""{"model":"default","stream":true,"messages":[{"role":"user","content":"Hi"}]}""") };
            request.Headers.Add("Idempotency-Key", "k");
            using var response = await Host.Client.SendAsync(request).WaitAsync(TestWait.Limit);
            Assert.Equal(Said, await response.Content.ReadAsStringAsync());
        }

        Assert.Single(Upstream.Requests);
    }

    [Theory]
    [InlineData("")]
    [InlineData(""", "stream_options":{"include_usage":true,"include_obfuscation":false} """)]
    public async Task Stream_ComesToTheLetter(string options)
    {
        const string Stream = """
            : a comment

            data: {"id":"c", "choices":[{"index":0,"delta":{"role":"assistant","content":""},"logprobs":null}],"obfuscation":"x"}

            data: {"choices":[{"index":1,"delta":{"tool_calls":[{"index":0,"id":"t","function":{"name":"f","arguments":""}},{"index":1,"id":"u","function":{"name":"f","arguments":"{}"}}]},"finish_reason":"tool_calls"}]}

            data: [DONE]

            """;
        Upstream.Enqueue(Reply.RawStream(Stream));
        Assert.Equal(Stream, await AskAsync($$"""{"model":"default","stream":true,"messages":[{"role":"user","content":"Hi"}]{{options}}}"""));
        if (options.Length > 0)
            Assert.False(Assert.Single(Upstream.Requests).Body.GetProperty("stream_options").GetProperty("include_obfuscation").GetBoolean());
    }

    [Fact]
    public async Task UsageEvent_IsForwardedToThoseWhoAskedForIt()
    {
        Upstream.Enqueue(Reply.Text("Hi").WithUsage(2, 1));
        var text = await AskAsync("""{"model":"default","stream":true,"stream_options":{"include_usage":true},"messages":[{"role":"user","content":"Hi"}]}""");
        Assert.Contains("\"usage\":{\"prompt_tokens\":2", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SeveralAnswers_AreBilled()
    {
        Upstream.Enqueue(Reply.Text("Hi").WithUsage(2, 30));
        await AskAsync("""{"model":"default","n":3,"messages":[{"role":"user","content":"Hi"}]}""");
        Assert.Equal(30, (await Host.GetAsync("/api/usage")).GetProperty("total").GetProperty("outputTokens").GetInt64());
    }

    [Fact]
    public async Task SeveralAnswers_BeyondABudgetThatCarriesOne_AreRefused()
    {
        // An answer of 100 tokens costs 0.0002 USD, and the few words before it next to nothing.
        await using var host = await GatewayHost.StartAsync(GatewayHost.With(Upstream.BaseUrl, new OrleansChatOptions
        {
            Org = new OrgOptions { Budget = new BudgetOptions { Usd = 0.0005m, Window = BudgetWindow.Total } },
        }));

        using (var refused = await AskAsync(answers: 3))
            Assert.Equal(HttpStatusCode.PaymentRequired, refused.StatusCode);
        Assert.Empty(Upstream.Requests);

        using var passes = await AskAsync(answers: 1);
        Assert.Equal(HttpStatusCode.OK, passes.StatusCode);

        Task<HttpResponseMessage> AskAsync(int answers) => host.Client.PostAsync(
            "/v1/chat/completions",
            GatewayHost.Json($$"""{"model":"default","n":{{answers}},"max_tokens":100,"messages":[{"role":"user","content":"Hi"}]}"""));
    }

    private async Task<string> AskAsync(string body)
    {
        using var response = await Host.Client.PostAsync("/v1/chat/completions", GatewayHost.Json(body));
        return await response.Content.ReadAsStringAsync();
    }
}
