using OrleansChat.Core.Errors;
using OrleansChat.Core.Search.Filters;
using OrleansChat.Core.Search.Passages;
using OrleansChat.Testing;
using OrleansChat.VectorQdrant.Fields;
using OrleansChat.VectorQdrant.Filters;
using Xunit.Abstractions;

namespace OrleansChat.VectorQdrant.Tests.Filters;

public sealed class RangeConditionTests(ITestOutputHelper output)
{
    [Fact]
    public void Of_ATextBoundThatIsTooLong_IsRefused()
    {
        var fits = new SearchFilter.Range("f", AtLeast: MetadataValue.Of(new string('x', RangeCondition.MaxBound)));
        Assert.NotNull(RangeCondition.Of(fits));
        var tooLong = fits with { AtLeast = MetadataValue.Of(new string('x', RangeCondition.MaxBound + 1)) };
        Assert.Throws<RequestException>(() => RangeCondition.Of(tooLong));
    }

    [Fact]
    public void Pieces_CompareAsTheTextsDo()
    {
        var random = Seed.Print(output);
        for (var i = 0; i < 2_000; i++)
        {
            var (a, b) = (Text(), Text());
            Assert.Equal(Math.Sign(string.CompareOrdinal(a, b)), Compare(TextPieces.Of(a), TextPieces.Of(b)));
        }

        string Text() => new([.. Enumerable.Range(0, random.Next(8)).Select(_ => random.Next(3) switch { 0 => '\0', 1 => '\uFFFF', _ => 'a' })]);
    }

    private static int Compare(double[] a, double[] b)
    {
        for (var i = 0; i < Math.Min(a.Length, b.Length); i++)
        {
            if (a[i] != b[i])
                return a[i] < b[i] ? -1 : 1;
        }

        return 0;
    }
}
