using System.Text.Json;
using OrleansChat.Core.Search.Ingestion;
using OrleansChat.Core.Search.Passages;

namespace OrleansChat.Core.Tests.Search.Ingestion;

public sealed class DocumentReaderTests
{
    [Fact]
    public void TryRead_OfAWholeDocument_ReadsEveryField()
    {
        Assert.True(Read("""{"id":"a","text":"t","title":"T","path":"p.md","kind":"markdown","metadata":{"n":1e3,"l":["x",null,true]},"other":{}}""", out var document, out _));
        Assert.Equal(("a", "t", "T", "p.md", "markdown"), (document!.Id, document.Text, document.Title, document.Path, document.Kind));
        Assert.Equal(MetadataValue.Of(1000), document.Metadata["n"]);
        Assert.Equal(MetadataValue.Of(MetadataValue.Of("x"), default, MetadataValue.Of(true)), document.Metadata["l"]);
    }

    [Theory]
    [InlineData("5", null, "documents")]
    [InlineData("""{"text":"t"}""", null, "id")]
    [InlineData("""{"id":5,"text":"t"}""", null, "id")]
    [InlineData("""{"id":"\ud800","text":"t"}""", null, "id")]
    [InlineData("""{"id":"a"}""", "a", "text")]
    [InlineData("""{"id":"a","text":["t"]}""", "a", "text")]
    [InlineData("""{"id":"a","text":"\udc00"}""", "a", "text")]
    [InlineData("""{"id":"a","text":"t","title":1}""", "a", "title")]
    [InlineData("""{"id":"a","text":"t","metadata":[]}""", "a", "metadata")]
    [InlineData("""{"id":"a","text":"t","metadata":{"x":{"y":1}}}""", "a", "metadata")]
    [InlineData("""{"id":"a","text":"t","metadata":{"x":[[1]]}}""", "a", "metadata")]
    [InlineData("""{"id":"a","text":"t","metadata":{"x":1e999}}""", "a", "metadata")]
    [InlineData("""{"id":"a","text":"t","metadata":{"":1}}""", "a", "metadata")]
    public void TryRead_OfABadDocument_NamesTheField(string json, string? id, string subject)
    {
        Assert.False(Read(json, out _, out var rejected));
        Assert.Equal((id, subject), (rejected!.Id, rejected.Problem.Subject));
    }

    private static bool Read(string json, out SourceDocument? document, out RejectedDocument? rejected)
    {
        using var parsed = JsonDocument.Parse(json);
        return DocumentReader.TryRead(parsed.RootElement, out document, out rejected);
    }
}
