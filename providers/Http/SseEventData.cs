using System.Buffers;

namespace OrleansChat.Providers.Http;

/// <summary>The data of one server-sent event, as https://html.spec.whatwg.org/multipage/server-sent-events.html defines it.</summary>
internal static class SseEventData
{
    /// <summary>The event's <c>data</c> lines, joined by LF; empty when it has none, as a comment.</summary>
    public static ReadOnlySpan<byte> Of(ReadOnlySpan<byte> lines)
    {
        ReadOnlySpan<byte> first = default;
        ArrayBufferWriter<byte>? joined = null;
        foreach (var range in lines.Split((byte)'\n'))
        {
            var line = lines[range].TrimEnd((byte)'\r');
            if (!line.StartsWith("data:"u8))
                continue;
            line = line["data:"u8.Length..];
            if (line is [(byte)' ', ..])
                line = line[1..];
            if (first.IsEmpty)
            {
                first = line;
                continue;
            }

            if (joined is null)
            {
                joined = new ArrayBufferWriter<byte>(lines.Length);
                joined.Write(first);
            }

            joined.Write("\n"u8);
            joined.Write(line);
        }

        return joined is null ? first : joined.WrittenSpan;
    }
}
