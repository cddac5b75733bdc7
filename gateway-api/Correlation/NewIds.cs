using System.Buffers.Binary;
using System.Security.Cryptography;

namespace OrleansChat.GatewayApi.Correlation;

/// <summary>
/// Makes ids: UUIDs of version 7 (RFC 9562, 5.7), in the order of their milliseconds. Their random bits come from the operating system, for many ids at a
/// time: asked for one by one they are a system call each, and a request needs two.
/// </summary>
internal sealed class NewIds(TimeProvider clock)
{
    private const int TimeBytes = 6;
    private const int RandomBytes = 10;
    private const int IdsAtOnce = 256;

    private readonly Lock _gate = new();
    private readonly byte[] _random = new byte[RandomBytes * IdsAtOnce];
    private int _used = RandomBytes * IdsAtOnce;

    /// <summary>A new id.</summary>
    public string Next()
    {
        Span<byte> bytes = stackalloc byte[TimeBytes + RandomBytes];
        BinaryPrimitives.WriteInt64BigEndian(bytes, clock.GetUtcNow().ToUnixTimeMilliseconds() << 16);
        TakeRandom(bytes[TimeBytes..]);
        bytes[6] = (byte)((bytes[6] & 0x0F) | 0x70);
        bytes[8] = (byte)((bytes[8] & 0x3F) | 0x80);
        return new Guid(bytes, bigEndian: true).ToString();
    }

    private void TakeRandom(Span<byte> destination)
    {
        lock (_gate)
        {
            if (_used == _random.Length)
            {
                RandomNumberGenerator.Fill(_random);
                _used = 0;
            }

            // Taken, not copied: what has become an id is nowhere else.
            var taken = _random.AsSpan(_used, RandomBytes);
            taken.CopyTo(destination);
            taken.Clear();
            _used += RandomBytes;
        }
    }
}
