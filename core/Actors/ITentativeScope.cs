namespace OrleansChat.Core.Actors;

/// <summary>A scope whose tentative holdings can make a verdict uncertain.</summary>
/// <typeparam name="TRequest">What is asked for.</typeparam>
/// <typeparam name="TVerdict">The answer.</typeparam>
internal interface ITentativeScope<in TRequest, TVerdict>
{
    /// <summary>Decides, unless the answer hangs on something tentative.</summary>
    /// <param name="request">The request.</param>
    /// <param name="take">Whether what is asked for is taken if it can be had.</param>
    /// <param name="now">Now, in ticks.</param>
    /// <param name="verdict">The answer.</param>
    /// <param name="taken">Whether something was taken.</param>
    /// <returns>Whether there is an answer; if not, something tentative is in the way.</returns>
    bool TryDecide(TRequest request, bool take, long now, out TVerdict verdict, out bool taken);

    /// <summary>Lets time pass.</summary>
    /// <param name="now">Now, in ticks.</param>
    /// <returns>Whether something tentative vanished.</returns>
    bool Advance(long now);

    /// <summary>When the first tentative holding ends unless it is confirmed.</summary>
    /// <returns>The moment in ticks; <see cref="long.MaxValue"/> for none.</returns>
    long FirstTentativeEnd();
}
