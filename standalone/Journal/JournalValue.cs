namespace OrleansChat.Standalone.Journal;

/// <summary>A durable value and the version under which it was written.</summary>
/// <param name="Bytes">The value as it was put.</param>
/// <param name="Version">
/// The version to expect when replacing the value; positive. Versions grow across the whole journal and are never used twice,
/// so a version read before a delete never fits what was created after it.
/// </param>
public sealed record JournalValue(ReadOnlyMemory<byte> Bytes, long Version);
