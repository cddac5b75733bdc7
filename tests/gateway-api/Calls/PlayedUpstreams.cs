using OrleansChat.Testing;

namespace OrleansChat.GatewayApi.Tests.Calls;

/// <summary>The upstreams of a run, and all calls that they had.</summary>
internal sealed class PlayedUpstreams(TimeProvider clock) : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<int, Question> _questions = [];
    private readonly List<PlayedCall> _calls = [];
    private readonly List<ScriptedUpstream> _servers = [];
    private TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>All calls, in the order in which they came.</summary>
    public IReadOnlyList<PlayedCall> Calls
    {
        get
        {
            lock (_gate)
                return [.. _calls];
        }
    }

    /// <summary>Starts one.</summary>
    /// <returns>Its address.</returns>
    public async Task<string> StartAsync(string id)
    {
        var server = await ScriptedUpstream.StartAsync();
        server.ForgetsRequests = true;
        server.Fallback = request =>
        {
            var call = Begin(id, request);
            return Reply.Custom((context, _) => call.PlayAsync(context));
        };
        _servers.Add(server);
        return server.BaseUrl;
    }

    /// <summary>Tells the upstreams what they will be asked.</summary>
    public void Expect(Question question)
    {
        lock (_gate)
            _questions[question.Number] = question;
    }

    /// <summary>Calls wait from now on where their plans say so.</summary>
    public void Hold()
    {
        lock (_gate)
            _released = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    /// <summary>No call waits any longer.</summary>
    public void Release() => _released.SetResult();

    /// <summary>The calls of a question.</summary>
    public IReadOnlyList<PlayedCall> Of(Question question) => [.. Calls.Where(call => call.Question.Number == question.Number)];

    public async ValueTask DisposeAsync()
    {
        foreach (var server in _servers)
            await server.DisposeAsync();
    }

    private PlayedCall Begin(string upstream, RecordedRequest request)
    {
        lock (_gate)
        {
            var question = _questions[Question.NumberIn(request.Text)];
            var number = _calls.Count(call => call.Question.Number == question.Number);
            var call = new PlayedCall(upstream, question, number, request, _released.Task, clock);
            _calls.Add(call);
            return call;
        }
    }
}
