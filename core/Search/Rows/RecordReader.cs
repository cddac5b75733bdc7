using System.Text;

namespace OrleansChat.Core.Search.Rows;

/// <summary>Reads what <see cref="RecordWriter"/> wrote, in the same order.</summary>
internal ref struct RecordReader(ReadOnlySpan<byte> record)
{
    private readonly ReadOnlySpan<byte> _record = record;
    private int _position;

    /// <summary>A number.</summary>
    public long Number()
    {
        ulong number = 0;
        for (var shift = 0; ; shift += 7)
        {
            var next = _record[_position++];
            number |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
                return (long)number;
        }
    }

    /// <summary>A number that may be missing.</summary>
    public int? OptionalNumber() => Number() is var number and > 0 ? (int)(number - 1) : null;

    /// <summary>A text.</summary>
    public string? Text()
    {
        if (Number() is not (var length and > 0))
            return null;
        var text = Encoding.UTF8.GetString(_record.Slice(_position, (int)length - 1));
        _position += (int)length - 1;
        return text;
    }
}
