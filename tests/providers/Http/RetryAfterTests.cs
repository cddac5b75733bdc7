using OrleansChat.Providers.Http;

namespace OrleansChat.Providers.Tests.Http;

public sealed class RetryAfterTests
{
    private static readonly DateTimeOffset Now = new(2030, 1, 1, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("Retry-After", "7", 7000)]
    [InlineData("Retry-After", "0", 0)]
    [InlineData("Retry-After", "1.5", 1500)]
    [InlineData("Retry-After", "Tue, 01 Jan 2030 12:00:30 GMT", 30_000)]
    [InlineData("Retry-After", "Tue, 01 Jan 2030 11:00:00 GMT", 0)]
    [InlineData("retry-after-ms", "250", 250)]
    [InlineData("retry-after-ms", "12.5", 12.5)]
    public void Read_UnderstandsEveryForm(string name, string value, double milliseconds)
        => Assert.Equal(TimeSpan.FromMilliseconds(milliseconds), Read((name, value)));

    [Theory]
    [InlineData("Retry-After", "soon")]
    [InlineData("Retry-After", "-5")]
    [InlineData("Retry-After", "1e300")]
    [InlineData("retry-after-ms", "NaN")]
    [InlineData("retry-after-ms", "-1")]
    [InlineData("retry-after-ms", "")]
    public void Read_NonsenseIsNoWait(string name, string value) => Assert.Null(Read((name, value)));

    [Fact]
    public void Read_Milliseconds_GoBeforeSeconds()
        => Assert.Equal(TimeSpan.FromMilliseconds(1200), Read(("Retry-After", "2"), ("retry-after-ms", "1200")));

    [Fact]
    public void Read_WithoutHeaders_IsNull() => Assert.Null(Read());

    private static TimeSpan? Read(params (string Name, string Value)[] headers)
    {
        using var response = new HttpResponseMessage();
        foreach (var (name, value) in headers)
            response.Headers.TryAddWithoutValidation(name, value);
        return RetryAfter.Read(response.Headers, Now);
    }
}
