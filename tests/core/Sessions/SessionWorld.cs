using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using OrleansChat.Core.Errors;
using OrleansChat.Core.Keys;
using OrleansChat.Core.Sessions;
using OrleansChat.Core.Sessions.Search;
using OrleansChat.Core.Settings;
using OrleansChat.Core.Tests.Turns;
using OrleansChat.Core.Turns;
using OrleansChat.Core.Turns.Summaries;
using OrleansChat.Testing;
using OrleansChat.Testing.Actors;
using OrleansChat.Testing.Chat;

namespace OrleansChat.Core.Tests.Sessions;

/// <summary>Sessions, their index and their register over one store, with everything around them scripted.</summary>
internal sealed class SessionWorld : SomeActors
{
    public static readonly ApiKey Owner = new() { Id = "owner" };
    public static readonly ApiKey Stranger = new() { Id = "stranger" };
    public static readonly ApiKey Admin = new() { Id = "admin", Admin = true };

    private readonly ConcurrentDictionary<string, SessionHandle> _sessions = new(StringComparer.Ordinal);
    private readonly ConcurrentBag<InMemoryActorContext> _contexts = [];
    private readonly ConcurrentDictionary<string, IActor> _others = new(StringComparer.Ordinal);

    public SessionWorld(SessionOptions? options = null)
    {
        var settings = Options.Create(new OrleansChatOptions { Sessions = options ?? new SessionOptions(), Logging = new LoggingOptions { Requests = true } });
        Planner = new TurnPlanner(Models, Retriever, settings, NullLogger<TurnPlanner>.Instance);
        Router = new RouteWalker();
        TurnAdmission = new TurnAdmission(Admission, Router, Clock, NullLogger<TurnAdmission>.Instance);
        Runner = new TurnRunner(
            Router, new ScriptedUpstreams(Upstreams), TurnAdmission, Retriever, settings, Clock, NullLogger<TurnRunner>.Instance);
        Summarizer = new Summarizer(Router, new ScriptedUpstreams(Upstreams), TurnAdmission, Clock);
        Settings = settings;
    }

    private interface IActor;

    public InMemoryStore Store { get; } = new();

    public FakeClock Clock { get; } = new();

    public FixedModels Models { get; } = new();

    public RecordingAdmission Admission { get; } = new();

    public ScriptedRetriever Retriever { get; } = new();

    public RouteWalker Router { get; }

    public Dictionary<string, ScriptedChatClient> Upstreams { get; } = new() { ["one"] = new ScriptedChatClient(), ["two"] = new ScriptedChatClient() };

    /// <summary>The first upstream of the default model's route.</summary>
    public ScriptedChatClient Upstream => Upstreams["one"];

    public TurnPlanner Planner { get; }

    public TurnAdmission TurnAdmission { get; }

    public TurnRunner Runner { get; }

    public Summarizer Summarizer { get; }

    public IOptions<OrleansChatOptions> Settings { get; }

    public SessionCounts Counts { get; } = new();

    /// <summary>Where sessions write their lines.</summary>
    public ILogger<SessionActor> Log { get; set; } = NullLogger<SessionActor>.Instance;

    /// <summary>Whether lists refuse what was said.</summary>
    public bool IsIndexLost { get; set; }

    public RunningTurns Running { get; } = new();

    public override SessionHandle Session(string id) => _sessions.GetOrAdd(id, key => new SessionHandle(this, key));

    public override ISessionIndexActor SessionIndex(string owner) => (IndexHandle)_others.GetOrAdd($"index/{owner}", _ => new IndexHandle(this, owner));

    public override IOpenTurnsActor OpenTurns(string shard) => (RegisterHandle)_others.GetOrAdd($"register/{shard}", _ => new RegisterHandle(this, shard));

    public override ISessionDeadlinesActor SessionDeadlines(string shard) =>
        (CalendarHandle)_others.GetOrAdd($"calendar/{shard}", _ => new CalendarHandle(this, shard));

    /// <summary>The host dies with all that was not durable.</summary>
    public void Crash()
    {
        foreach (var session in _sessions.Values)
            session.Kill();

        foreach (var context in _contexts)
            context.Kill();

        _contexts.Clear();
        _sessions.Clear();
        _others.Clear();
    }

    private InMemoryActorContext Open(string kind, string key)
    {
        var context = new InMemoryActorContext(Store, kind, key, this);
        _contexts.Add(context);
        return context;
    }

    private sealed class IndexHandle(SessionWorld world, string owner) : ISessionIndexActor, IActor
    {
        private readonly ActorScheduler _scheduler = new();
        private SessionIndexActor? _actor;

        public ValueTask PutAsync(SessionLine line, CancellationToken cancellationToken) =>
            new(_scheduler.RunAsync(async () => await (await OpenAsync()).PutAsync(line, cancellationToken)));

        public ValueTask PutTurnsAsync(SessionLine line, ConversationTurnList turns, CancellationToken cancellationToken) =>
            new(_scheduler.RunAsync(async () =>
            {
                if (world.IsIndexLost)
                    throw new StorageException("The list cannot be written.");

                await (await OpenAsync()).PutTurnsAsync(line, turns, cancellationToken);
            }));

        public ValueTask RemoveAsync(string sessionId, CancellationToken cancellationToken) =>
            new(_scheduler.RunAsync(async () => await (await OpenAsync()).RemoveAsync(sessionId, cancellationToken)));

        public ValueTask<SessionPage> ListAsync(int limit, string? cursor, string? query, CancellationToken cancellationToken) =>
            new(_scheduler.RunAsync(async () => await (await OpenAsync()).ListAsync(limit, cursor, query, cancellationToken)));

        private async ValueTask<SessionIndexActor> OpenAsync()
        {
            if (_actor is not null)
                return _actor;

            var context = world.Open("index", owner);
            var actor = new SessionIndexActor(context.MainState<SessionIndexState>(), context, world.Settings);
            await actor.ActivateAsync(CancellationToken.None);
            return _actor ??= actor;
        }
    }

    private sealed class RegisterHandle : IOpenTurnsActor, IActor
    {
        private readonly ActorScheduler _scheduler = new();
        private readonly OpenTurnsActor _actor;

        public RegisterHandle(SessionWorld world, string shard)
        {
            var context = world.Open("register", shard);
            _actor = new OpenTurnsActor(context.MainState<OpenTurnsState>(), context);
        }

        public ValueTask AddAsync(string sessionId, string workId, CancellationToken cancellationToken) =>
            new(_scheduler.RunAsync(() => _actor.AddAsync(sessionId, workId, cancellationToken)));

        public ValueTask RemoveAsync(string sessionId, string? workId, CancellationToken cancellationToken) =>
            new(_scheduler.RunAsync(() => _actor.RemoveAsync(sessionId, workId, cancellationToken)));

        public ValueTask<IReadOnlyList<string>> ListAsync(CancellationToken cancellationToken) =>
            new(_scheduler.RunAsync(() => _actor.ListAsync(cancellationToken)));
    }

    private sealed class CalendarHandle(SessionWorld world, string shard) : ISessionDeadlinesActor, IActor
    {
        private readonly SemaphoreSlim _turn = new(1);

        public async ValueTask PutAsync(SessionDeadline deadline, CancellationToken cancellationToken) =>
            await CallAsync(async actor =>
            {
                await actor.PutAsync(deadline, cancellationToken);
                return true;
            });

        public ValueTask<SessionDeadlineList> ListDueAsync(DateTimeOffset now, int limit, CancellationToken cancellationToken) =>
            CallAsync(actor => actor.ListDueAsync(now, limit, cancellationToken));

        public async ValueTask RemoveAsync(SessionDeadlineList deadlines, CancellationToken cancellationToken) =>
            await CallAsync(async actor =>
            {
                await actor.RemoveAsync(deadlines, cancellationToken);
                return true;
            });

        // A new activation for each call: all that counts is durable.
        private async ValueTask<T> CallAsync<T>(Func<SessionDeadlinesActor, ValueTask<T>> call)
        {
            await _turn.WaitAsync();
            try
            {
                var context = world.Open("calendar", shard);
                return await call(new SessionDeadlinesActor(context.MainState<SessionDeadlinesState>(), context));
            }
            finally
            {
                _turn.Release();
            }
        }
    }
}
