using System.Text.Json;
using System.Text.RegularExpressions;

namespace OrleansChat.GatewayApi.Tests.Calls;

/// <summary>What may be asked, by one key or by several, once or again, and what upstreams will do with each call that comes of it.</summary>
internal sealed partial record Question(int Number, string? Owner, string Path, string Model, bool IsStream, IReadOnlyList<Plan> Plans)
{
    public const string Chat = "/v1/chat/completions";
    public const string Messages = "/v1/messages";
    public const string Responses = "/v1/responses";

    /// <summary>What every answer to it may have at most.</summary>
    public const int MaxOutput = 64;

    /// <summary>Long enough that an upstream may count many different numbers of tokens in it.</summary>
    private static readonly string Padding = string.Concat(Enumerable.Repeat("and so on ", 200));

    /// <summary>Upstreams speak the protocol of this route, and their bytes are passed on.</summary>
    public bool IsPassedThrough => Path == Chat;

    /// <summary>Whether its answer is one response with one id, which no cache gives again.</summary>
    public bool IsStored => Path == Responses && Number % 2 == 0;

    /// <summary>Whether a second upstream may be asked beside the first.</summary>
    public bool IsHedged => IsStream && Model == CallSettings.Hedged;

    /// <summary>The body to the letter.</summary>
    public string Body => Path switch
    {
        Messages => JsonSerializer.Serialize(new { model = Model, stream = IsStream, max_tokens = MaxOutput, messages = Said }),
        Responses => JsonSerializer.Serialize(new { model = Model, stream = IsStream, max_output_tokens = MaxOutput, store = IsStored, input = Text }),
        _ => JsonSerializer.Serialize(new { model = Model, stream = IsStream, max_tokens = MaxOutput, stream_options = IsStream ? new { include_usage = Number % 2 == 0 } : null, messages = Said }),
    };

    /// <summary>The words.</summary>
    public string Text => $"Question {Number}: {Padding}";

    private object[] Said => [new { role = "user", content = Text }];

    /// <summary>The question that an upstream's request asks: the last one in it, where others were asked and answered before.</summary>
    public static int NumberIn(string request) => int.Parse(Asked().Match(request).Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>What is planned for a call: those beyond the last plan go as it says.</summary>
    public Plan PlanOf(int call) => Plans[Math.Min(call, Plans.Count - 1)];

    /// <summary>The pieces of a call's answer; no other call has them.</summary>
    public IReadOnlyList<string> PiecesOf(int call) => [.. Enumerable.Range(0, PlanOf(call).Pieces).Select(piece => $"a{Number}.{call}.{piece} ")];

    /// <summary>The call that an answer is owed to: its place among all calls that its question has led to; null where it has no piece of any.</summary>
    public int? CallIn(string answer) =>
        Answered().Match(answer) is { Success: true } found && found.Groups[1].Value == $"{Number}" ? int.Parse(found.Groups[2].Value, System.Globalization.CultureInfo.InvariantCulture) : null;

    [GeneratedRegex(@"Question (\d+):", RegexOptions.RightToLeft)]
    private static partial Regex Asked();

    [GeneratedRegex(@"a(\d+)\.(\d+)\.\d+ ")]
    private static partial Regex Answered();
}
