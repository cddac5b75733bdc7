namespace OrleansChat.Bench.Overhead;

/// <summary>One caller of a server, who asks one request at a time.</summary>
internal interface ILoadClient : IDisposable
{
    /// <summary>Sends the request and reads the whole answer.</summary>
    /// <exception cref="InvalidOperationException">The answer is not a success.</exception>
    ValueTask AskAsync();
}
