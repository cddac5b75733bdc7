using OrleansChat.Standalone.Journal;

namespace OrleansChat.Standalone.Tests.Journals;

public sealed class ChecksumTests
{
    /// <summary>The vectors of RFC 3720, appendix B.4, and the common check value.</summary>
    [Fact]
    public void Of_MatchesThePublishedVectors()
    {
        Assert.Equal(0xE3069283u, Checksum.Of(0, "123456789"u8));
        Assert.Equal(0x8A9136AAu, Checksum.Of(0, new byte[32]));
        Assert.Equal(0x62A8AB43u, Checksum.Of(0, Enumerable.Repeat((byte)0xFF, 32).ToArray()));
        Assert.Equal(0x46DD794Eu, Checksum.Of(0, Enumerable.Range(0, 32).Select(static i => (byte)i).ToArray()));
    }

    [Fact]
    public void IsIntact_WithAnyBitOfHeaderKeyOrValueFlipped_IsFalse()
    {
        var record = new byte[RecordHeader.Bytes + 3 + 10];
        new RecordHeader(10, 7, 32, 3, RecordKind.Put).Seal(record, salt: 42);
        Assert.True(RecordHeader.IsIntact(record, 42));
        Assert.False(RecordHeader.IsIntact(record, 43));

        for (var bit = 0; bit < record.Length * 8; bit++)
        {
            record[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.False(RecordHeader.IsIntact(record, 42));
            record[bit / 8] ^= (byte)(1 << (bit % 8));
        }
    }
}
