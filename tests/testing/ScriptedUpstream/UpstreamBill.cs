namespace OrleansChat.Testing;

/// <summary>The scripted upstream's own books, to compare a ledger with. An aborted stream is billed for the chunks sent.</summary>
public sealed class UpstreamBill
{
    private long _inputTokens;
    private long _outputTokens;
    private long _answers;

    public long InputTokens => Interlocked.Read(ref _inputTokens);

    public long OutputTokens => Interlocked.Read(ref _outputTokens);

    /// <summary>Answers begun; errors cost nothing.</summary>
    public long Answers => Interlocked.Read(ref _answers);

    internal void Add(ScriptedUsage usage)
    {
        Interlocked.Add(ref _inputTokens, usage.InputTokens);
        Interlocked.Add(ref _outputTokens, usage.OutputTokens);
        Interlocked.Increment(ref _answers);
    }
}
