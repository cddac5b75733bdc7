using System.Text;

namespace OrleansChat.Core.Search.Rows;

/// <summary>Writes numbers of seven bits a byte and texts in UTF-8 into a buffer that is used again and again.</summary>
internal sealed class RecordWriter
{
    private const int LongestNumber = 10;

    private byte[] _bytes = new byte[256];
    private int _count;

    /// <summary>What was written since the last <see cref="Clear"/>.</summary>
    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, _count);

    /// <summary>Begins anew.</summary>
    public void Clear() => _count = 0;

    /// <summary>Writes a number, from 0.</summary>
    public void Number(long number)
    {
        Reserve(LongestNumber);
        var rest = (ulong)number;
        for (; rest >= 0x80; rest >>= 7)
            _bytes[_count++] = (byte)(rest | 0x80);
        _bytes[_count++] = (byte)rest;
    }

    /// <summary>Writes a number, from 0, that may be missing.</summary>
    public void Number(int? number) => Number(number is { } there ? there + 1L : 0);

    /// <summary>Writes a text with its length; null as nothing at all.</summary>
    public void Text(string? text)
    {
        var length = text is null ? 0 : Encoding.UTF8.GetByteCount(text);
        Number(text is null ? 0 : length + 1L);
        Reserve(length);
        _count += text is null ? 0 : Encoding.UTF8.GetBytes(text, _bytes.AsSpan(_count));
    }

    private void Reserve(int bytes)
    {
        if (_bytes.Length - _count < bytes)
            Array.Resize(ref _bytes, Math.Max(_count + bytes, 2 * _bytes.Length));
    }
}
