using System.Globalization;

namespace OrleansChat.Cluster.Bench.Acquires;

/// <summary>What a client process counted.</summary>
/// <param name="Admitted">Requests that were admitted.</param>
/// <param name="Asked">Requests.</param>
/// <param name="LastAdmission">Seconds from the start to the last admission.</param>
/// <param name="MedianMilliseconds">The median wait of an admitted request.</param>
internal sealed record HotKeyResult(int Admitted, int Asked, double LastAdmission, double MedianMilliseconds)
{
    public static HotKeyResult Parse(string line)
    {
        var parts = line.Split(' ');
        return new HotKeyResult(
            int.Parse(parts[0], CultureInfo.InvariantCulture),
            int.Parse(parts[1], CultureInfo.InvariantCulture),
            double.Parse(parts[2], CultureInfo.InvariantCulture),
            double.Parse(parts[3], CultureInfo.InvariantCulture));
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Admitted} {Asked} {LastAdmission} {MedianMilliseconds}");
}
