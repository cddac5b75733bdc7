namespace OrleansChat.Cluster.Bench.Pinging;

/// <summary>A grain that does nothing: what a call costs by itself.</summary>
[Alias("orleanschat.bench.ping")]
public interface IPingGrain : IGrainWithStringKey
{
    /// <summary>Answers.</summary>
    [Alias("ping")]
    ValueTask PingAsync();
}

/// <inheritdoc cref="IPingGrain"/>
public sealed class PingGrain : Grain, IPingGrain
{
    public ValueTask PingAsync() => default;
}
