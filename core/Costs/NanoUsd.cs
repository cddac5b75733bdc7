namespace OrleansChat.Core.Costs;

/// <summary>Money is an integer number of nano-dollars (10⁻⁹ USD): sums are exact, and 64 bits hold nine billion dollars.</summary>
public static class NanoUsd
{
    /// <summary>Nano-dollars in a dollar.</summary>
    public const long PerUsd = 1_000_000_000;

    /// <summary>The most that one reservation or settlement can be: a billion dollars.</summary>
    public const long Most = 1_000_000_000 * PerUsd;

    /// <summary>Nano-dollars of an amount in dollars, rounded half away from zero.</summary>
    /// <param name="usd">Dollars.</param>
    /// <returns>Nano-dollars.</returns>
    /// <exception cref="OverflowException">The amount is beyond 64 bits.</exception>
    public static long FromUsd(decimal usd) => (long)decimal.Round(usd * PerUsd, MidpointRounding.AwayFromZero);

    /// <summary>Nano-dollars of an amount in dollars that may be missing.</summary>
    /// <param name="usd">Dollars; null for none.</param>
    /// <returns>Nano-dollars; null for none.</returns>
    /// <exception cref="OverflowException">The amount is beyond 64 bits.</exception>
    public static long? FromUsd(decimal? usd) => usd is { } amount ? FromUsd(amount) : null;

    /// <summary>Dollars of an amount in nano-dollars, exactly.</summary>
    /// <param name="nanoUsd">Nano-dollars.</param>
    /// <returns>Dollars.</returns>
    public static decimal ToUsd(long nanoUsd) => nanoUsd / (decimal)PerUsd;
}
