using OrleansChat.Core.Search.Code;
using OrleansChat.Core.Search.Code.Finding;
using OrleansChat.Core.Search.Collections;
using OrleansChat.Core.Search.Querying;
using OrleansChat.GatewayApi.Bodies;

namespace OrleansChat.GatewayApi.Search;

/// <summary>The body of a search for code.</summary>
internal sealed record FindCodeBody(CodeRequest Request) : IBody<FindCodeBody>
{
    private const int MaxLanguage = 32;

    public static FindCodeBody Read(Fields fields, BodyLimits limits)
    {
        var query = fields.RequiredText("query", SearchRequest.MaxQuery);
        var collection = fields.RequiredText("collection", CollectionName.MaxLength);
        var language = fields.Text("language", MaxLanguage);
        if (language is not null && CodeLanguages.Named(language) is null)
            fields.Fault("language", $"must be one of '{string.Join("', '", CodeLanguages.Names)}'");
        var request = new CodeRequest { Query = query, Collection = collection, Language = language };
        return new(fields.Whole("limit", 1, SearchRequest.MaxLimit) is { } limit ? request with { Limit = limit } : request);
    }
}
