using OrleansChat.Core.Search.Code;
using OrleansChat.Core.Search.Passages;

namespace OrleansChat.Core.Search.Rows;

/// <summary>
/// Passages by slot, as bytes: what filters mostly look at is resident in a few tens of bytes a passage, texts, titles and signatures are in a store
/// that need not be memory. One writer; any number of readers of the slots that were there when they began.
/// </summary>
internal sealed class PassageRows(IByteStores stores)
{
    private readonly IByteStore _texts = stores.Create();
    private readonly MemoryBytes _heads = new();
    private readonly NameTable _names = new();
    private readonly RecordWriter _writer = new();
    private DocumentHead[] _documents = [];
    private long[] _places = [];
    private int _count;

    /// <summary>Writes a passage without giving it a slot yet, so that a failure changes nothing.</summary>
    /// <returns>The place to be handed to <see cref="Append"/>.</returns>
    /// <exception cref="Errors.StorageException">There is no room.</exception>
    public long Write(IndexedPassage passage)
    {
        _writer.Clear();
        _writer.Text(passage.Text);
        _writer.Text(passage.Title);
        _writer.Text(passage.Code?.Signature);
        var (text, length) = (_texts.Append(_writer.Written), _writer.Written.Length);

        _writer.Clear();
        _writer.Number((long)passage.Ordinal);
        _writer.Number(passage.StartLine);
        _writer.Number(passage.EndLine);
        _writer.Number(text);
        _writer.Number((long)length);
        _writer.Number((long)_names.NumberOf(passage.Code?.Language));
        if (passage.Code is { } code)
        {
            _writer.Number((long)_names.NumberOf(code.Kind));
            _writer.Text(code.Name);
            _writer.Text(code.Container);
            _writer.Number(code.Complexity);
            _writer.Number(code.Line);
            _writer.Number(code.EndLine);
        }

        return _heads.Append(_writer.Written);
    }

    /// <summary>Gives a written passage the next slot.</summary>
    public void Append(IndexedPassage passage, long place)
    {
        if (_count == _places.Length)
        {
            var capacity = Math.Max(16, _count + _count / 2);
            Array.Resize(ref _documents, capacity);
            Array.Resize(ref _places, capacity);
        }

        _documents[_count] = _count > 0 && _documents[_count - 1].IsOf(passage) ? _documents[_count - 1] : DocumentHead.Of(passage);
        _places[_count++] = place;
    }

    /// <summary>A passage without its text, title and signature.</summary>
    public IndexedPassage Head(int slot) => Read(slot, withText: false);

    /// <summary>A passage.</summary>
    public IndexedPassage Read(int slot) => Read(slot, withText: true);

    private IndexedPassage Read(int slot, bool withText)
    {
        var document = _documents[slot];
        var head = new RecordReader(_heads.From(_places[slot]));
        var (ordinal, start, end) = ((int)head.Number(), head.OptionalNumber(), head.OptionalNumber());
        var (text, title, signature) = ReadText(head.Number(), (int)head.Number(), withText);
        return new IndexedPassage
        {
            DocumentId = document.Id,
            Path = document.Path,
            Kind = document.Kind,
            Metadata = document.Metadata,
            Ordinal = ordinal,
            StartLine = start,
            EndLine = end,
            Title = title,
            Text = text,
            Code = _names[head.Number()] is not { } language ? null : new CodeSymbol
            {
                Language = language,
                Kind = _names[head.Number()],
                Name = head.Text(),
                Container = head.Text(),
                Complexity = head.OptionalNumber(),
                Line = head.OptionalNumber(),
                EndLine = head.OptionalNumber(),
                Signature = signature,
            },
        };
    }

    private (string Text, string? Title, string? Signature) ReadText(long place, int length, bool isWanted)
    {
        if (!isWanted)
            return ("", null, null);
        var bytes = new byte[length];
        _texts.Read(place, bytes);
        var reader = new RecordReader(bytes);
        return (reader.Text()!, reader.Text(), reader.Text());
    }
}
