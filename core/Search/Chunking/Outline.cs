namespace OrleansChat.Core.Search.Chunking;

/// <summary>Collects blocks into sections under a trail of headings.</summary>
internal sealed class Outline
{
    // A title path is repeated in every chunk; the whole heading stands in the text anyway.
    private const int MaxTitleLength = 200;

    private readonly List<(int Level, string Title)> _trail = [];
    private readonly List<Section> _sections = [new([], [])];
    private bool _hasBody;

    /// <summary>The sections in order, the first without a heading.</summary>
    public IReadOnlyList<Section> Sections => _sections;

    /// <summary>Starts a section. Headings directly above without any text go with it, as they say nothing alone.</summary>
    public void BeginSection(int level, string title, Block heading)
    {
        while (_trail.Count > 0 && _trail[^1].Level >= level)
            _trail.RemoveAt(_trail.Count - 1);
        _trail.Add((level, title.Length <= MaxTitleLength ? title : title[..TextCuts.Whole(title, MaxTitleLength)]));

        string[] path = [.. _trail.Select(entry => entry.Title).Where(entry => entry.Length > 0)];
        if (_hasBody)
            _sections.Add(new Section(path, []));
        else
            _sections[^1] = _sections[^1] with { TitlePath = path };
        _sections[^1].Blocks.Add(heading);
        _hasBody = false;
    }

    /// <summary>Adds a block to the current section.</summary>
    public void Add(Block block)
    {
        _sections[^1].Blocks.Add(block);
        _hasBody = true;
    }
}
