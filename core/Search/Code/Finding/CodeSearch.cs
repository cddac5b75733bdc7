using System.Collections.Immutable;
using OrleansChat.Core.Errors;
using OrleansChat.Core.Search.Analysis;
using OrleansChat.Core.Search.Filters;
using OrleansChat.Core.Search.Indexing;
using OrleansChat.Core.Search.Passages;
using OrleansChat.Core.Search.Querying;

namespace OrleansChat.Core.Search.Code.Finding;

/// <summary>
/// Finds symbols: by the names in a question, by its words and by their vectors, in one version of a collection. What the question is after decides
/// whether the symbols of that name, those that mention it, or those most like the question come first.
/// </summary>
/// <param name="search">Searches collections.</param>
/// <param name="time">Measures.</param>
public sealed class CodeSearch(CollectionSearch search, TimeProvider time)
{
    private const int Depth = 50;

    /// <summary>Searches.</summary>
    /// <param name="request">What is asked.</param>
    /// <param name="cancellationToken">Stops the search.</param>
    /// <returns>What was found.</returns>
    /// <exception cref="RequestException">There is no such collection, or the request breaks a rule.</exception>
    /// <exception cref="StorageException">The store could not be reached.</exception>
    public async ValueTask<CodeAnswer> FindAsync(CodeRequest request, CancellationToken cancellationToken)
    {
        var start = time.GetTimestamp();
        var language = request.Language is null ? null : CodeLanguages.Named(request.Language)
            ?? throw RequestException.Invalid("language", $"The language '{request.Language}' is not known.", $"Use one of {string.Join(", ", CodeLanguages.Names)}.");
        var question = CodeQuestion.Read(request.Query);
        var all = new SearchRequest
        {
            Collection = request.Collection,
            Query = request.Query,
            Limit = Math.Max(Depth, request.Limit),
            Filter = OfSymbols(language),
            Payer = request.Payer,
        };
        CollectionSearch.Validate(all with { Limit = request.Limit });

        var named = question.Symbols.Count;
        var answers = await search.ReadAsync(request.Collection, SearchAllAsync, cancellationToken);

        var ranking = new CodeRanking(question);
        ranking.AddAsked(answers[0].Hits);
        foreach (var answer in answers[1..(1 + named)])
            ranking.AddNamed(answer.Hits);
        foreach (var answer in answers[(1 + named)..])
            ranking.AddMentions(answer.Hits);
        return new CodeAnswer(
            question.Intent,
            [.. question.Symbols.Select(name => name.ToString())],
            ranking.Best(request.Limit),
            ranking.Alternatives(),
            answers[0].Degraded,
            answers[0].Cause,
            time.GetElapsedTime(start).TotalMilliseconds)
        {
            Fallbacks = answers[0].Fallbacks,
        };

        async ValueTask<SearchAnswer[]> SearchAllAsync(ServingVersion serving) => await Task.WhenAll(
        [
            search.SearchAsync(serving, all, cancellationToken).AsTask(),
            .. question.Symbols.Select(name => SearchNamedAsync(serving, name, isNamed: true)),
            .. question.Intent == CodeIntent.Usage ? question.Symbols.Select(name => SearchNamedAsync(serving, name, isNamed: false)) : [],
        ]);

        Task<SearchAnswer> SearchNamedAsync(ServingVersion serving, SymbolName name, bool isNamed)
        {
            SearchFilter bearsName = new SearchFilter.Equal(PassageField.CodeName, MetadataValue.Of(name.Name));
            var filter = new SearchFilter.And([all.Filter!, isNamed ? bearsName : new SearchFilter.Not(bearsName)]);
            var query = isNamed ? $"{name.Name} {request.Query}" : name.ToString();
            query = query.Length <= SearchRequest.MaxQuery ? query : query[..SearchRequest.MaxQuery];

            // Words that are left out of indexes are names all the same: those are found by the filter alone.
            var mode = EnglishStopWords.Contains(name.Name.ToLowerInvariant()) ? SearchMode.Dense : SearchMode.Lexical;
            return search.SearchAsync(serving, all with { Query = query, Filter = filter, Mode = mode }, cancellationToken).AsTask();
        }
    }

    private static SearchFilter OfSymbols(string? language)
    {
        ImmutableArray<MetadataValue> kinds =
        [
            MetadataValue.Of(SymbolKinds.Function), MetadataValue.Of(SymbolKinds.Method),
            MetadataValue.Of(SymbolKinds.Type), MetadataValue.Of(SymbolKinds.Implementation),
        ];
        var symbols = new SearchFilter.In("code.kind", kinds);
        return language is null
            ? symbols
            : new SearchFilter.And([symbols, new SearchFilter.Equal(PassageField.CodeLanguage, MetadataValue.Of(language))]);
    }
}
