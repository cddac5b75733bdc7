using OrleansChat.Core.Turns;

namespace OrleansChat.Core.Sessions.TurnLogs;

/// <summary>
/// The stored events of a turn that has ended. All deltas' text is one string; a length for each tells it apart again, so a reader that
/// comes back later gets the same events under the same numbers.
/// </summary>
public sealed class CompactTurnLog
{
    /// <summary>The newest event's sequence number.</summary>
    public long Last { get; set; }

    /// <summary>The text of all deltas.</summary>
    public string Text { get; set; } = "";

    /// <summary>The deltas' lengths in characters, each as a base-128 varint (7 bits a byte, low ones first).</summary>
    public byte[] Lengths { get; set; } = [];

    /// <summary>Every event that is not a delta.</summary>
    public List<TurnEvent> Marks { get; set; } = [];

    /// <summary>Packs events numbered 1, 2, 3, ….</summary>
    /// <param name="events">The events.</param>
    /// <returns>The stored form.</returns>
    public static CompactTurnLog Pack(IReadOnlyCollection<TurnEvent> events)
    {
        var text = new System.Text.StringBuilder();
        var lengths = new List<byte>(events.Count);
        var marks = new List<TurnEvent>();
        foreach (var packed in events)
        {
            if (packed is not TurnDelta delta)
            {
                marks.Add(packed);
                continue;
            }

            text.Append(delta.Text);
            AppendVarint(lengths, delta.Text.Length);
        }

        return new CompactTurnLog { Last = events.Count, Text = text.ToString(), Lengths = [.. lengths], Marks = marks };
    }

    /// <summary>The events again.</summary>
    /// <param name="after">The last sequence number that is not wanted.</param>
    /// <returns>The events after it.</returns>
    public IEnumerable<TurnEvent> Unpack(long after)
    {
        var mark = 0;
        var offset = 0;
        var start = 0;
        for (var sequence = 1L; sequence <= Last; sequence++)
        {
            TurnEvent? unpacked = null;
            if (mark < Marks.Count && Marks[mark].Sequence == sequence)
            {
                unpacked = Marks[mark++];
            }
            else
            {
                var length = ReadVarint(Lengths, ref offset);
                if (sequence > after)
                    unpacked = new TurnDelta(Text.Substring(start, length)) { Sequence = sequence };

                start += length;
            }

            if (sequence > after)
                yield return unpacked!;
        }
    }

    private static void AppendVarint(List<byte> bytes, int value)
    {
        for (; value > 0x7F; value >>= 7)
            bytes.Add((byte)(value | 0x80));

        bytes.Add((byte)value);
    }

    private static int ReadVarint(byte[] bytes, ref int offset)
    {
        var value = 0;
        for (var shift = 0; ; shift += 7)
        {
            var read = bytes[offset++];
            value |= (read & 0x7F) << shift;
            if (read < 0x80)
                return value;
        }
    }
}
