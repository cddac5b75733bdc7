using System.Text;

namespace OrleansChat.GatewayApi.Tests.Calls;

/// <summary>One request of one caller, and what became of it.</summary>
internal sealed class Ask(Question question, string key, long at)
{
    private readonly CancellationTokenSource _leaving = new();
    private readonly StringBuilder _body = new();

    public Question Question => question;

    /// <summary>Who asks.</summary>
    public string Key => key;

    /// <summary>When, in ticks.</summary>
    public long At => at;

    public string? IdempotencyKey { get; init; }

    public string? CacheControl { get; init; }

    /// <summary>Whether the caller hangs up as soon as an upstream waits.</summary>
    public bool Leaves { get; init; }

    /// <summary>Whether it came while others were under way.</summary>
    public bool IsLate { get; init; }

    /// <summary>The status; 0 where none came.</summary>
    public int Status { get; private set; }

    /// <summary>What the answer says of the cache.</summary>
    public string? Cache { get; private set; }

    public bool IsReplayed { get; private set; }

    /// <summary>Whether the answer came to its end.</summary>
    public bool IsWhole { get; private set; }

    /// <summary>Whether the caller hung up before that.</summary>
    public bool HasLeft { get; private set; }

    public Task Answering { get; private set; } = Task.CompletedTask;

    /// <summary>The answer as far as it came.</summary>
    public string Body
    {
        get
        {
            lock (_body)
                return _body.ToString();
        }
    }

    /// <summary>Whether the answer is one that may be kept and repeated.</summary>
    public bool Succeeded => Status == 200 && IsWhole && !Body.Contains(PlayedCall.Error, StringComparison.Ordinal);

    /// <summary>Whether an upstream was asked for this caller, as far as he can tell.</summary>
    public bool IsFresh => !IsReplayed && Cache != "hit";

    public override string ToString() =>
        $"{key} asks {question.Number} ({question.Path}, {question.Model}, {(question.IsStream ? "stream" : "whole")}) once as '{IdempotencyKey}', {CacheControl}{(Leaves ? ", leaves" : "")}{(IsLate ? ", late" : "")}"
        + $": {Status}, cache {Cache}, {(IsReplayed ? "replayed, " : "")}{(IsWhole ? "whole" : HasLeft ? "left" : "cut")}: {Shown(Body)}";

    private static string Shown(string body) => (body.Length < 500 ? body : $"{body[..250]} … {body[^250..]}").ReplaceLineEndings(" ");

    /// <summary>Sends it, and reads the answer in the background.</summary>
    public void Start(HttpClient client) => Answering = Task.Run(() => AskAsync(client));

    /// <summary>Hangs up.</summary>
    public Task LeaveAsync() => _leaving.CancelAsync();

    private async Task AskAsync(HttpClient client)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, question.Path) { Content = new StringContent(question.Body, Encoding.UTF8, "application/json") };
        request.Headers.Add("x-api-key", CallSettings.SecretOf(key));
        if (IdempotencyKey is not null)
            request.Headers.Add("Idempotency-Key", IdempotencyKey);
        if (CacheControl is not null)
            request.Headers.Add("Cache-Control", CacheControl);
        try
        {
            using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, _leaving.Token);
            Status = (int)response.StatusCode;
            Cache = response.Headers.TryGetValues("x-orleanschat-cache", out var said) ? said.Single() : null;
            IsReplayed = response.Headers.Contains("Idempotent-Replayed");
            await using var body = await response.Content.ReadAsStreamAsync(_leaving.Token);
            var buffer = new byte[4096];
            while (await body.ReadAsync(buffer, _leaving.Token) is > 0 and var read)
            {
                lock (_body)
                    _body.Append(Encoding.UTF8.GetString(buffer, 0, read));
            }

            IsWhole = true;
        }
        catch (Exception) when (_leaving.IsCancellationRequested)
        {
            HasLeft = true;
        }
        catch (Exception fault) when (fault is HttpRequestException or IOException)
        {
            // Cut: the answer is not whole.
        }
    }
}
