using System.Buffers;
using System.Text.Json;
using Microsoft.Extensions.ObjectPool;
using OrleansChat.GatewayApi.Json;

namespace OrleansChat.GatewayApi.Sockets;

/// <summary>Room for one frame, lent for as long as it takes to send it: thousands of sockets share a few.</summary>
internal sealed class FrameBuffer : IDisposable
{
    /// <summary>A buffer that has grown beyond this is not kept.</summary>
    private const int KeptBytes = 16 * 1024;

    private readonly ArrayBufferWriter<byte> _bytes = new(256);
    private readonly Utf8JsonWriter _json;

    private FrameBuffer() => _json = new Utf8JsonWriter(_bytes, GatewayJson.Writer);

    /// <summary>The frame.</summary>
    public ReadOnlyMemory<byte> Frame => _bytes.WrittenMemory;

    /// <summary>Buffers that wait to be used again.</summary>
    public static ObjectPool<FrameBuffer> NewPool() => new DefaultObjectPoolProvider().Create(new Policy());

    /// <summary>Begins a frame: one object.</summary>
    public Utf8JsonWriter Begin()
    {
        _json.WriteStartObject();
        return _json;
    }

    /// <summary>Ends the frame.</summary>
    public void End()
    {
        _json.WriteEndObject();
        _json.Flush();
    }

    /// <inheritdoc/>
    public void Dispose() => _json.Dispose();

    private sealed class Policy : PooledObjectPolicy<FrameBuffer>
    {
        public override FrameBuffer Create() => new();

        public override bool Return(FrameBuffer obj)
        {
            if (obj._bytes.Capacity > KeptBytes)
                return false;

            obj._bytes.ResetWrittenCount();
            obj._json.Reset();
            return true;
        }
    }
}
