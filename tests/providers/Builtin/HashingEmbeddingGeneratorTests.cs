using System.Globalization;
using System.Numerics.Tensors;
using Microsoft.Extensions.AI;
using OrleansChat.Core.Search.Ranking;
using OrleansChat.Providers.Builtin;

namespace OrleansChat.Providers.Tests.Builtin;

public sealed class HashingEmbeddingGeneratorTests
{
    [Fact]
    public async Task GenerateAsync_OfAText_GivesAUnitVectorOfTheDefaultLength()
    {
        var vector = await Embed("Actors own their state.");
        Assert.Equal(HashingEmbeddingOptions.DefaultDimensions, vector.Length);
        Assert.Equal(1, TensorPrimitives.Norm<float>(vector), 5);
    }

    [Fact]
    public async Task GenerateAsync_OfOneWord_HasTheEntriesItHasEverywhere()
    {
        // Written down once: a change of these breaks every stored index.
        var vector = await Embed("grain");
        int[] entries = [.. Enumerable.Range(0, vector.Length).Where(i => vector[i] != 0)];
        Assert.Equal(GrainEntries, entries.Select(i => $"{i}:{vector[i].ToString("F4", CultureInfo.InvariantCulture)}"));
    }

    [Fact]
    public async Task GenerateAsync_OfSimilarTexts_IsNearerThanOfOthers()
    {
        var query = await Embed("rate limiters of the gateway");
        var near = Similarity(query, await Embed("The gateway's rate limiter admits a request."));
        var inflected = Similarity(query, await Embed("unlimited subgateways overrated"));
        var far = Similarity(query, await Embed("Bread is baked from flour and water."));
        Assert.True(near > inflected && inflected > far, $"{near} > {inflected} > {far}");
    }

    [Theory]
    [InlineData("")]
    [InlineData("the of and")]
    [InlineData("\ud800")]
    public async Task GenerateAsync_WithoutWords_GivesZeros(string text) => Assert.DoesNotContain(await Embed(text), entry => entry != 0);

    [Fact]
    public async Task GenerateAsync_OfAnEndlessWord_GivesAUnitVector() =>
        Assert.Equal(1, TensorPrimitives.Norm<float>(await Embed(new string('x', 1_000_000))), 5);

    [Fact]
    public async Task GenerateAsync_WithDimensions_GivesThatLength()
    {
        using var generator = new HashingEmbeddingGenerator();
        var embeddings = await generator.GenerateAsync(["one", "two"], new EmbeddingGenerationOptions { Dimensions = 64 });
        Assert.All(embeddings, embedding => Assert.Equal(64, embedding.Vector.Length));
    }

    [Fact]
    public async Task GenerateAsync_WhenCancelled_IsCancelled()
    {
        using var generator = new HashingEmbeddingGenerator();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => generator.GenerateAsync(["text"], null, new CancellationToken(canceled: true)));
    }

    [Fact]
    public void GetService_NamesTheModelItsLengthAndItsWeight()
    {
        using var generator = new HashingEmbeddingGenerator();
        var metadata = generator.GetService<EmbeddingGeneratorMetadata>();
        Assert.Equal((HashingEmbeddingGenerator.ModelId, 384), (metadata!.DefaultModelId, metadata.DefaultModelDimensions));
        Assert.Equal(HashingEmbeddingGenerator.FusionWeight, generator.GetService<DenseWeight>());
        Assert.Same(generator, generator.GetService<IEmbeddingGenerator>());
    }

    private static readonly string[] GrainEntries = ["34:-0.3333", "138:-0.3333", "200:-0.3333", "273:0.7454", "311:-0.3333"];

    private static float Similarity(float[] a, float[] b) => TensorPrimitives.CosineSimilarity<float>(a, b);

    private static async Task<float[]> Embed(string text)
    {
        using var generator = new HashingEmbeddingGenerator();
        return (await generator.GenerateAsync([text]))[0].Vector.ToArray();
    }
}
