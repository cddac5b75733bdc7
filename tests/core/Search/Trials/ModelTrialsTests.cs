using OrleansChat.Core.Errors;
using OrleansChat.Core.Search.Indexing;
using OrleansChat.Core.Search.Ingestion;
using OrleansChat.Core.Search.Querying;
using OrleansChat.Core.Search.Trials;

namespace OrleansChat.Core.Tests.Search.Trials;

public sealed class ModelTrialsTests
{
    private const int Dimension = 64;

    [Fact]
    public async Task IndexAsync_WithAModelThatTellsNothingApart_LeavesTheRankingToTheWords()
    {
        var bench = await StartAsync(Noise);
        await bench.IndexAsync(Documents(0, 60));

        Assert.InRange((await TrialAsync(bench))!.DenseWeight, 0, 0.1);
        Assert.Equal(await RankAsync(bench, SearchMode.Lexical), (await RankAsync(bench, SearchMode.Hybrid)).Take(5));
    }

    [Fact]
    public async Task IndexAsync_WithAModelThatFindsWhatWordsFind_LetsItCountAsMuch()
    {
        var bench = await StartAsync(Words);
        await bench.IndexAsync(Documents(0, 60));
        Assert.InRange((await TrialAsync(bench))!.DenseWeight, 0.5, 1);
    }

    [Fact]
    public async Task IndexAsync_TriesAgainOnlyWhenTheCollectionHasDoubled()
    {
        var bench = await StartAsync(Words);
        await bench.IndexAsync(Documents(0, ModelTrial.LeastPassages - 1));
        Assert.Null(await TrialAsync(bench));
        await bench.IndexAsync(Documents(31, 9));
        Assert.Equal(40, (await TrialAsync(bench))!.Passages);

        var embedded = bench.Embedder.Texts.Count;
        await bench.IndexAsync(Documents(40, 39));
        Assert.Equal((40, embedded + 39), ((await TrialAsync(bench))!.Passages, bench.Embedder.Texts.Count));
        await bench.IndexAsync(Documents(79, 1));
        Assert.Equal(80, (await TrialAsync(bench))!.Passages);
    }

    [Fact]
    public async Task IndexAsync_WhenTheTrialFails_IndexesAndTriesAgainWithTheNextChange()
    {
        var bench = await StartAsync(Words);
        var documents = Documents(0, 60);
        bench.Embedder.BeforeAnswer = texts => texts.Any(text => documents.All(document => document.Text != text))
            ? throw new UpstreamException("scripted", UpstreamFailure.Timeout, "the model is slow.")
            : Task.CompletedTask;
        Assert.Equal(60, (await bench.IndexAsync(documents)).Indexed);
        Assert.Null(await TrialAsync(bench));

        bench.Embedder.BeforeAnswer = null;
        var embedded = bench.Embedder.Texts.Count;
        await bench.IndexAsync(documents);
        Assert.Equal((null, embedded), (await TrialAsync(bench), bench.Embedder.Texts.Count));
        await bench.IndexAsync(Documents(60, 1));
        Assert.Equal(61, (await TrialAsync(bench))!.Passages);
    }

    [Fact]
    public async Task IndexAsync_OfOneLargeDocument_AsksForPassagesAllOverIt()
    {
        var bench = await StartAsync(Words);
        await bench.IndexAsync(new SourceDocument { Id = "book", Path = "book.md", Text = string.Join("\n\n", Documents(0, 40).Select((page, i) => $"# Chapter {i}\n\n{page.Text}")) });
        Assert.Equal(40, (await TrialAsync(bench))!.Passages);
    }

    [Fact]
    public async Task Migration_ToAnotherModel_TriesItBeforeItAnswers()
    {
        var bench = await StartAsync(Words);
        bench.Embedder.OtherModels = new Dictionary<string, int> { ["other"] = Dimension };
        await bench.IndexAsync(Documents(0, 60));
        await bench.Migrations.StartAsync("docs", "scripted/other", CancellationToken.None);
        await bench.Runner.RunAsync("docs", CancellationToken.None);

        var serving = (await bench.Collection("docs").FindServingAsync(CancellationToken.None))!;
        Assert.Equal((2, 60), (serving.Version.Number, serving.Trial!.Passages));
    }

    private static async Task<SearchBench> StartAsync(Func<string, float[]> vectorOf)
    {
        var bench = new SearchBench();
        bench.Embedder.Dimension = Dimension;
        bench.Embedder.VectorOf = vectorOf;
        await bench.CreateAsync();
        return bench;
    }

    private static async Task<ModelTrial?> TrialAsync(SearchBench bench) =>
        (await bench.Collection("docs").FindServingAsync(CancellationToken.None))!.Trial;

    private static async Task<string[]> RankAsync(SearchBench bench, SearchMode mode)
    {
        var request = new SearchRequest { Collection = "docs", Query = "shared word7 word20", Mode = mode, Limit = 5, Payer = bench.Payer };
        return [.. (await bench.Search.SearchAsync(request, CancellationToken.None)).Hits.Select(hit => hit.DocumentId)];
    }

    // Each of words that it shares with a few others, and of one that all have.
    private static SourceDocument[] Documents(int first, int count) =>
        [.. Enumerable.Range(first, count).Select(i => new SourceDocument
        {
            Id = $"d{i:D3}",
            Text = "shared " + string.Join(' ', Enumerable.Range(0, 30).Select(word => $"word{Hash($"{i}/{word}") % 400}")),
        })];

    // Every text somewhere else.
    private static float[] Noise(string text)
    {
        var random = new Random((int)Hash(text));
        return [.. Enumerable.Range(0, Dimension).Select(_ => random.NextSingle() - 0.5f)];
    }

    // Texts with the same words together.
    private static float[] Words(string text)
    {
        var vector = new float[Dimension];
        foreach (var word in text.Split(' '))
            vector[Hash(word) % Dimension]++;
        return vector;
    }

    // FNV-1a: the same on every run.
    private static uint Hash(string text) => text.Aggregate(2_166_136_261u, static (hash, letter) => (hash ^ letter) * 16_777_619u);
}
