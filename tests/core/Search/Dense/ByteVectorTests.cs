using OrleansChat.Core.Search.Dense;
using OrleansChat.Testing;
using Xunit.Abstractions;

namespace OrleansChat.Core.Tests.Search.Dense;

public sealed class ByteVectorTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(32)]
    [InlineData(64)]
    [InlineData(96)]
    [InlineData(1536)]
    public void Dot_OfRandomAndExtremeCodes_IsTheSumOfTheProducts(int length)
    {
        var random = Seed.Print(output);
        for (var round = 0; round < 50; round++)
        {
            // The first rounds are all at the ends of both ranges, where sixteen bits would overflow.
            byte[] codes = [.. Enumerable.Range(0, length).Select(_ => (byte)(round < 10 ? random.Next(2) * 255 : random.Next(256)))];
            sbyte[] query = [.. Enumerable.Range(0, length).Select(_ => (sbyte)(round < 10 ? random.Next(2) * 254 - 127 : random.Next(-127, 128)))];
            var expected = codes.Zip(query).Sum(pair => pair.First * pair.Second);

            Assert.Equal(expected, ByteVector.Dot(codes, query));
            Assert.Equal(expected, ByteVector.DotByWidening(codes, query));
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(31)]
    [InlineData(33)]
    [InlineData(384)]
    public void WriteCodes_OfAVector_IsOffByHalfAScaleAtMostAndPaddedWithZeros(int dimension)
    {
        var random = Seed.Print(output);
        float[] vector = [.. Enumerable.Range(0, dimension).Select(_ => random.NextSingle() - 0.5f)];
        var codes = new byte[ByteVector.Stride(dimension)];

        var scale = ByteVector.WriteCodes(vector, codes);

        for (var i = 0; i < dimension; i++)
            Assert.InRange((codes[i] - ByteVector.Zero) * scale, vector[i] - scale * 0.501f, vector[i] + scale * 0.501f);
        Assert.All(codes[dimension..], code => Assert.Equal(ByteVector.Zero, code));
    }

    [Fact]
    public void WriteCodes_OfZeros_HasNoScale()
    {
        var codes = new byte[32];
        Assert.Equal(0, ByteVector.WriteCodes(new float[20], codes));
        Assert.All(codes, code => Assert.Equal(ByteVector.Zero, code));
    }
}
