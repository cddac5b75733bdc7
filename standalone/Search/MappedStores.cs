using OrleansChat.Core.Search.Rows;

namespace OrleansChat.Standalone.Search;

/// <summary>Stores of texts and vectors in files of a folder. What a crash of a system without nameless files left there is removed first.</summary>
internal sealed class MappedStores : IByteStores
{
    private readonly string _folder;

    /// <param name="folder">The folder; made when the first store needs it.</param>
    public MappedStores(string folder)
    {
        _folder = folder;
        if (!Directory.Exists(folder))
            return;
        foreach (var left in Directory.EnumerateFiles(folder, "*.rows"))
            File.Delete(left);
    }

    /// <inheritdoc/>
    public IByteStore Create() => new MappedBytes(_folder);
}
