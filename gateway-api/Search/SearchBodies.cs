using System.Text.Json;
using OrleansChat.Core.Search.Collections;
using OrleansChat.Core.Search.Filters;
using OrleansChat.Core.Search.Indexing;
using OrleansChat.Core.Search.Querying;
using OrleansChat.GatewayApi.Bodies;

namespace OrleansChat.GatewayApi.Search;

/// <summary>The body that creates a collection or changes its settings.</summary>
internal sealed record PutCollection(string? EmbeddingModel, string? Chunker) : IBody<PutCollection>
{
    private const int MaxName = 256;

    public static bool IsOptional => true;

    public static PutCollection Read(Fields fields, BodyLimits limits) => new(fields.Text("embeddingModel", MaxName), fields.Text("chunker", MaxName));
}

/// <summary>The body of a search.</summary>
internal sealed record SearchBody(string Query, string Collection, int? Limit, string? Mode, JsonElement? Filter, bool? Rerank, bool? Highlight, bool? Explain) : IBody<SearchBody>
{
    public static SearchBody Read(Fields fields, BodyLimits limits)
    {
        return new SearchBody(
            fields.RequiredText("query", SearchRequest.MaxQuery),
            fields.RequiredText("collection", CollectionName.MaxLength),
            fields.Whole("limit", 1, SearchRequest.MaxLimit),
            fields.Word("mode", "hybrid", "dense", "lexical"),
            fields.Find("filter")?.Clone(),
            fields.Flag("rerank"),
            fields.Flag("highlight"),
            fields.Flag("explain"));
    }

    /// <summary>The search that is asked for.</summary>
    public SearchRequest ToRequest()
    {
        var request = new SearchRequest
        {
            Query = Query,
            Collection = Collection,
            Mode = Mode is null ? SearchMode.Hybrid : Enum.Parse<SearchMode>(Mode, ignoreCase: true),
            Rerank = Rerank is true,
            Highlight = Highlight is true,
            Explain = Explain is true,
            Filter = Filter is { } filter ? SearchFilterReader.Read(filter) : null,
        };
        return Limit is { } limit ? request with { Limit = limit } : request;
    }
}
