using OrleansChat.Core.Search.Stores;

namespace OrleansChat.Core.Search.Ingestion;

/// <summary>
/// The versions that a write has reached. When another version has come to answer, the others have to be reached once more, after that one: a rollback
/// fills them from it, and has taken from them again what they had first.
/// </summary>
/// <param name="answering">The version that answered when the write began, which it has reached.</param>
internal sealed class ReachedVersions(CollectionVersion answering)
{
    private readonly HashSet<CollectionVersion> _reached = [answering];
    private CollectionVersion _answering = answering;

    /// <summary>The version to reach next; null where all have been.</summary>
    /// <param name="targets">Those that a write has to reach by now, the one that answers first; none where there is no such collection any more.</param>
    public ServingVersion? FindMissed(IReadOnlyList<ServingVersion> targets)
    {
        if (targets is [var now, ..] && now.Version != _answering)
        {
            _answering = now.Version;
            _reached.RemoveWhere(version => version != _answering);
        }

        return targets.FirstOrDefault(target => !_reached.Contains(target.Version));
    }

    /// <summary>A version is reached.</summary>
    /// <param name="version">The version.</param>
    public void Add(CollectionVersion version) => _reached.Add(version);
}
