using System.Globalization;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging.Abstractions;
using OrleansChat.Core.Actors;
using OrleansChat.Core.Keys;
using OrleansChat.Core.Search.Metering;
using OrleansChat.Core.Sessions;
using OrleansChat.Core.Settings;
using OrleansChat.Core.Turns;
using OrleansChat.Core.Upstreams;
using OrleansChat.Standalone.Actors;
using OrleansChat.Standalone.Hosting;
using OrleansChat.Standalone.Journal;
using OpenJournal = OrleansChat.Standalone.Journal.Journal;

namespace OrleansChat.Bench.Sessions;

/// <summary>
/// What a turn costs beside its upstream: sessions in this process over a journal on disk, an upstream that answers at once. Prints the time
/// to the first token and to the last event, by the length of the chat.
/// </summary>
internal static class TurnOverhead
{
    private const int Turns = 1_000;
    private static readonly ApiKey Caller = new() { Id = "bench" };

    public static async Task<int> RunAsync(string[] arguments)
    {
        var folder = arguments is [var given] ? given : Directory.CreateTempSubdirectory("orleanschat-bench-").FullName;
        var options = new OrleansChatOptions
        {
            Upstreams = [new UpstreamOptions { Id = "instant", Kind = UpstreamKind.OpenAI, BaseUrl = "http://127.0.0.1:9" }],
            Models = [new ModelOptions { Id = ModelOptions.DefaultId, Route = ["instant/m"], ContextTokens = 8_000, MaxOutputTokens = 1_000 }],
            Sessions = new SessionOptions { Summaries = false },
        };
        await using var journal = await OpenJournal.OpenAsync(
            new JournalOptions { DataDirectory = folder }, TimeProvider.System, NullLogger<OpenJournal>.Instance, CancellationToken.None);
        var services = new ServiceCollection().AddStandalone(options, journal);
        services.Replace(ServiceDescriptor.Singleton<IUpstreams>(new InstantUpstream()));
        services.Replace(ServiceDescriptor.Singleton<IRetriever>(new NoSources()));
        await using var provider = services.BuildServiceProvider();
        var actors = provider.GetRequiredService<LocalActorDirectory>();

        Console.WriteLine("messages   first token p50/p99 ms   last event p50/p99 ms");
        var session = ((IActorDirectory)actors).Session(Guid.CreateVersion7().ToString());
        await session.CreateAsync(Caller, new SessionSettings(), default);
        for (var batch = 0; batch < 6; batch++)
        {
            var first = new List<double>();
            var last = new List<double>();
            for (var turn = 0; turn < Turns; turn++)
                await MeasureAsync(session, first, last);

            var row = string.Create(CultureInfo.InvariantCulture, $"{(batch + 1) * 2 * Turns,8}   {Quantiles(first),22}   {Quantiles(last),21}");
            Console.WriteLine(row);
        }

        for (var opening = 0; opening < 5; opening++)
        {
            var start = TimeProvider.System.GetTimestamp();
            var view = await session.DescribeAsync(Caller, SessionScope.ActivePath, default);
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"opening all {view.Messages.Count} messages: {TimeProvider.System.GetElapsedTime(start).TotalMilliseconds:0.0} ms"));
        }

        await actors.StopAsync(default);
        return 0;
    }

    private static async Task MeasureAsync(ISessionActor session, List<double> first, List<double> last)
    {
        var start = TimeProvider.System.GetTimestamp();
        var turn = await session.StartTurnAsync(Caller, new TurnRequest { Message = "What does an actor promise?" }, default);
        await foreach (var shown in session.ReadTurnAsync(Caller, turn.TurnId, 0, default))
        {
            if (shown is TurnDelta && first.Count == last.Count)
                first.Add(TimeProvider.System.GetElapsedTime(start).TotalMilliseconds);
        }

        last.Add(TimeProvider.System.GetElapsedTime(start).TotalMilliseconds);
    }

    private static string Quantiles(List<double> times)
    {
        times.Sort();
        return string.Create(CultureInfo.InvariantCulture, $"{times[times.Count / 2]:0.00} / {times[times.Count * 99 / 100]:0.00}");
    }

    private sealed class InstantUpstream : IUpstreams, IChatClient
    {
        public IChatClient Chat(UpstreamTarget target) => this;

        public IEmbeddingGenerator<string, Embedding<float>> Embeddings(UpstreamTarget target) => throw new NotSupportedException();

        public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
            IEnumerable<ChatMessage> messages,
            ChatOptions? options = null,
            [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            await Task.Yield();
            yield return new ChatResponseUpdate(ChatRole.Assistant, "One thread at a time, one activation for a key.");
        }

        public Task<ChatResponse> GetResponseAsync(
            IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
            GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken);

        public object? GetService(Type serviceType, object? serviceKey = null) => null;

        public void Dispose()
        {
        }
    }

    private sealed class NoSources : IRetriever
    {
        public ValueTask<bool> HasSourcesAsync(IReadOnlyList<string>? collections, CancellationToken cancellationToken) => ValueTask.FromResult(false);

        public ValueTask<Retrieval> RetrieveAsync(
            string query, IReadOnlyList<string>? collections, int limit, SearchPayer payer, CancellationToken cancellationToken) =>
            ValueTask.FromResult(Retrieval.None);
    }
}
