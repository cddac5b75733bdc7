namespace OrleansChat.Bench.Overhead;

/// <summary>Times of requests, in milliseconds.</summary>
internal sealed record Latencies(double Median, double P99)
{
    public static Latencies Of(List<double> milliseconds)
    {
        milliseconds.Sort();
        return new Latencies(milliseconds[milliseconds.Count / 2], milliseconds[milliseconds.Count * 99 / 100]);
    }
}
