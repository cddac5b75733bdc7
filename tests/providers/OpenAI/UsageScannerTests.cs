using System.Buffers;
using System.Text;
using OrleansChat.Providers.OpenAI;

namespace OrleansChat.Providers.Tests.OpenAI;

public sealed class UsageScannerTests
{
    private const string Delta = """data: {"model":"m-1","choices":[{"index":0,"delta":{"content":"héllo"}}]}""";
    private const string Tool = """data: {"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{}"}}]}}]}""";
    private const string Finish = """data: {"choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}]}""";
    private const string Usage = """data: {"choices":[],"usage":{"prompt_tokens":5,"completion_tokens":2,"total_tokens":7}}""";
    private const string Done = "data: [DONE]";

    [Theory]
    [InlineData("\n", false)]
    [InlineData("\n", true)]
    [InlineData("\r\n", false)]
    [InlineData("\r\n", true)]
    public void Scan_CutAtEveryPlace_SeesTheSame(string lineEnd, bool hides)
    {
        var stream = Stream(lineEnd, ": comment", Delta, Tool, Finish, Usage, Done);
        var expected = hides ? Stream(lineEnd, ": comment", Delta, Tool, Finish, Done) : stream;
        for (var cut = 0; cut <= stream.Length; cut++)
        {
            var (text, scanner) = Run(hides, stream[..cut], stream[cut..]);

            Assert.Equal(Encoding.UTF8.GetString(expected), text);
            Assert.Equal((5, 2), (scanner.Usage?.InputTokenCount, scanner.Usage?.OutputTokenCount));
            Assert.Equal((2, 7), (scanner.OutputTokens, scanner.ContentCharacters));
            Assert.Equal(("tool_calls", true, "m-1"), (scanner.FinishReason, scanner.IsDone, scanner.Model));
        }
    }

    [Fact]
    public void Scan_Hiding_ForwardsAnEventAsSoonAsItIsComplete()
    {
        var scanner = new UsageScanner(hidesUsageEvent: true);
        var forward = new ArrayBufferWriter<byte>();

        scanner.Scan(Encoding.UTF8.GetBytes(Delta + "\n"), forward);
        Assert.Equal(0, forward.WrittenCount);
        scanner.Scan("\n"u8, forward);

        Assert.Equal(Delta + "\n\n", Encoding.UTF8.GetString(forward.WrittenSpan));
    }

    [Fact]
    public void Scan_UsageInAnEventWithContent_IsSeenAndNeverHidden()
    {
        const string Both = """data: {"choices":[{"index":0,"delta":{"content":"x"},"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":1}}""";

        var (text, scanner) = Run(true, Stream("\n", Both));

        Assert.Equal(Both + "\n\n", text);
        Assert.Equal(1, scanner.Usage?.OutputTokenCount);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Scan_MalformedAndUnfinishedEvents_GoThroughUntouched(bool hides)
    {
        const string Broken = "data: {\"choices\": [{\n\ndata: 7\n\nevent: x\nid: 1\ndata: {\"choices\":[{\"delta\":";

        var (text, scanner) = Run(hides, Encoding.UTF8.GetBytes(Broken));

        Assert.Equal(Broken, text);
        Assert.Null(scanner.Usage);
        Assert.False(scanner.IsDone);
    }

    [Fact]
    public void Scan_DataOverSeveralLines_IsJoined()
        => Assert.Equal(5, Run(false, Stream("\n", "data: {\"choices\":[],\ndata: \"usage\":{\"prompt_tokens\":5}}")).Scanner.Usage?.InputTokenCount);

    [Fact]
    public void Scan_ErrorEvent_IsNoted()
        => Assert.True(Run(false, Stream("\n", """data: {"error":{"message":"no"}}""")).Scanner.HasError);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Scan_EventBeyondTheLimit_IsForwardedUnread(bool hides)
    {
        var huge = Encoding.UTF8.GetBytes($"data: {{\"x\":\"{new string('a', UsageScanner.MaxEventBytes)}\"}}\n\n");

        var (text, scanner) = Run(hides, huge, Stream("\n", Usage, Done));

        Assert.StartsWith(Encoding.UTF8.GetString(huge), text, StringComparison.Ordinal);
        Assert.Equal(hides ? huge.Length + Done.Length + 2 : huge.Length + Usage.Length + Done.Length + 4, text.Length);
        Assert.Equal(2, scanner.Usage?.OutputTokenCount);
    }

    [Fact]
    public void ReadWhole_FindsTheUsageOfAnUnstreamedAnswer()
        => Assert.Equal(2, UsageScanner.ReadWhole("""{"choices":[{}],"usage":{"prompt_tokens":5,"completion_tokens":2}}"""u8)?.OutputTokenCount);

    [Theory]
    [InlineData("not json")]
    [InlineData("{}")]
    [InlineData("[1]")]
    public void ReadWhole_WithoutUsage_IsNull(string body) => Assert.Null(UsageScanner.ReadWhole(Encoding.UTF8.GetBytes(body)));

    private static byte[] Stream(string lineEnd, params string[] events) => Encoding.UTF8.GetBytes(string.Concat(events.Select(e => e + lineEnd + lineEnd)));

    private static (string Text, UsageScanner Scanner) Run(bool hides, params byte[][] pieces)
    {
        var scanner = new UsageScanner(hides);
        var forward = new ArrayBufferWriter<byte>();
        foreach (var piece in pieces)
            scanner.Scan(piece, forward);
        scanner.Complete(forward);
        return (Encoding.UTF8.GetString(forward.WrittenSpan), scanner);
    }
}
