namespace OrleansChat.Standalone.Journal;

/// <summary>The place of a value together with a use of its segment, to be disposed when read.</summary>
internal readonly struct ReadLease(Segment segment, KeyEntry entry) : IDisposable
{
    public Segment Segment { get; } = segment;

    public KeyEntry Entry { get; } = entry;

    public void Dispose() => Segment.Release();
}
