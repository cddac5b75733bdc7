using System.Text.Json;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.Options;
using OrleansChat.Core.Actors;
using OrleansChat.Core.Keys;
using OrleansChat.Core.Search.Code.Finding;
using OrleansChat.Core.Search.Metering;
using OrleansChat.Core.Search.Querying;
using OrleansChat.GatewayApi.Sockets;

namespace OrleansChat.GatewayApi.Search;

/// <summary>Answers search frames: in one collection, or in all of them.</summary>
internal sealed class SocketSearch(CollectionSearch search, CodeSearch code, IActorDirectory actors, IOptions<JsonOptions> json)
{
    private const int DefaultLimit = 10;

    /// <summary>Searches, and sends the hits.</summary>
    public async ValueTask AnswerAsync(SearchFrame frame, ApiKey caller, SocketWriter writer, CancellationToken cancellationToken)
    {
        if (frame.Collection is { } collection)
            caller.CheckCollection(collection);
        var request = new SearchRequest { Collection = frame.Collection ?? "", Query = frame.Query, Limit = frame.Limit ?? DefaultLimit, Payer = new SearchPayer(caller) };
        var answer = frame.Collection is null ? await SearchAllAsync(request, caller, cancellationToken) : await search.SearchAsync(request, cancellationToken);
        await SendAsync("search_results", frame.Id, answer, writer, cancellationToken);
    }

    /// <summary>Searches for code, and sends the symbols.</summary>
    public async ValueTask AnswerAsync(FindCodeFrame frame, ApiKey caller, SocketWriter writer, CancellationToken cancellationToken)
    {
        caller.CheckCollection(frame.Collection);
        var request = new CodeRequest
        {
            Collection = frame.Collection,
            Query = frame.Query,
            Language = frame.Language,
            Limit = frame.Limit ?? DefaultLimit,
            Payer = new SearchPayer(caller),
        };
        await SendAsync("code_results", frame.Id, await code.FindAsync(request, cancellationToken), writer, cancellationToken);
    }

    private ValueTask SendAsync<T>(string type, string? id, T answer, SocketWriter writer, CancellationToken cancellationToken) => writer.SendAsync(
        output =>
        {
            TurnFrames.WriteHead(output, type, id, null, null);
            output.WritePropertyName("data");
            JsonSerializer.Serialize(output, answer, json.Value.SerializerOptions);
        },
        cancellationToken);

    // Scores of different collections cannot be compared, ranks can.
    private async ValueTask<SearchAnswer> SearchAllAsync(SearchRequest request, ApiKey caller, CancellationToken cancellationToken)
    {
        var names = await actors.Collections().ListAsync(cancellationToken);
        var answers = await Task.WhenAll(names.Where(caller.MayUse).Select(name => search.SearchAsync(request with { Collection = name }, cancellationToken).AsTask()));
        var hits = answers.SelectMany(answer => answer.Hits.Index())
            .OrderBy(ranked => ranked.Index).ThenByDescending(ranked => ranked.Item.Scores.Lexical ?? 0)
            .Take(request.Limit).Select(ranked => ranked.Item);
        return SearchAnswer.Of([.. hits], answers);
    }
}
