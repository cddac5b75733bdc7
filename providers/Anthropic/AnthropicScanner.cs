using System.Buffers;
using System.Text.Json;
using Microsoft.Extensions.AI;
using OrleansChat.Core.Turns;
using OrleansChat.Providers.Http;

namespace OrleansChat.Providers.Anthropic;

/// <summary>
/// Watches a streamed message on its way to the client: finds the usage and the end. All bytes are forwarded unchanged and at once. One
/// instance watches one stream.
/// </summary>
public sealed class AnthropicScanner : IAnswerScanner
{
    /// <summary>An event longer than this, in bytes, is not read.</summary>
    public const int MaxEventBytes = 4 * 1024 * 1024;

    private readonly ArrayBufferWriter<byte> _event = new(1024);
    private readonly AnthropicUsage _usage = new();
    private bool _isTooLong;
    private bool _hasEnd;
    private int _lineStart;

    /// <inheritdoc/>
    public UsageDetails? Usage
    {
        get
        {
            var usage = _usage.ToDetails();

            // The count of output at a message's start is that of its first token; only the last event's is of all.
            if (!_hasEnd && usage is not null)
                usage.OutputTokenCount = null;
            return usage;
        }
    }

    /// <inheritdoc/>
    public long OutputTokens { get; private set; }

    /// <inheritdoc/>
    public bool HasContent { get; private set; }

    /// <inheritdoc/>
    public bool IsWhole { get; private set; }

    /// <inheritdoc/>
    public bool IsDone => IsWhole;

    /// <inheritdoc/>
    public bool HasError { get; private set; }

    /// <summary>Reads the whole body of a message that is not streamed.</summary>
    /// <param name="json">The body.</param>
    /// <returns>Its usage; null if it has none or is not a message.</returns>
    public static UsageDetails? ReadWhole(ReadOnlySpan<byte> json)
    {
        var usage = new AnthropicUsage();
        try
        {
            usage.Add(JsonSerializer.Deserialize(json, AnthropicWire.Default.AnthropicMessageWire)?.Usage);
        }
        catch (JsonException)
        {
            return null;
        }

        return usage.ToDetails();
    }

    /// <inheritdoc/>
    public void Scan(ReadOnlySpan<byte> bytes, IBufferWriter<byte> forward)
    {
        forward.Write(bytes);
        while (!bytes.IsEmpty)
        {
            var newline = bytes.IndexOf((byte)'\n');
            var line = newline < 0 ? bytes : bytes[..(newline + 1)];
            Keep(line);
            bytes = bytes[line.Length..];
            if (newline >= 0)
                EndLine();
        }
    }

    /// <inheritdoc/>
    public void Complete(IBufferWriter<byte> forward)
    {
        if (_event.WrittenCount > 0)
            EndEvent();
    }

    private void Keep(ReadOnlySpan<byte> line)
    {
        if (_event.WrittenCount + line.Length > MaxEventBytes)
        {
            _isTooLong = true;
            _event.ResetWrittenCount();
            _lineStart = 0;
        }

        _event.Write(line);
    }

    private void EndLine()
    {
        var line = _event.WrittenSpan[_lineStart..];
        _lineStart = _event.WrittenCount;
        if (line.TrimEnd("\r\n"u8).IsEmpty)
            EndEvent();
    }

    private void EndEvent()
    {
        if (!_isTooLong)
            Read(SseEventData.Of(_event.WrittenSpan));
        _event.ResetWrittenCount();
        _lineStart = 0;
        _isTooLong = false;
    }

    private void Read(ReadOnlySpan<byte> data)
    {
        if (data.IsEmpty || Parse(data) is not { } wire)
            return;

        // A model that has begun to think has begun, and may be heard of again only after minutes where its thoughts are left out.
        HasContent |= wire.Type switch
        {
            "message_start" or "ping" or "content_block_stop" => false,
            "content_block_start" => wire.ContentBlock?.Type is not "text",
            _ => true,
        };
        switch (wire.Type)
        {
            case "message_start":
                _usage.Add(wire.Message?.Usage);
                break;
            case "content_block_delta" when (wire.Delta?.Text ?? wire.Delta?.Thinking ?? wire.Delta?.PartialJson) is { } piece:
                OutputTokens += TokenEstimate.CountPiece(piece);
                break;
            case "message_delta":
                _hasEnd = true;
                _usage.Add(wire.Usage);
                break;
            case "message_stop":
                IsWhole = true;
                break;
            case "error":
                HasError = true;
                break;
        }
    }

    private static AnthropicEventWire? Parse(ReadOnlySpan<byte> data)
    {
        try
        {
            return JsonSerializer.Deserialize(data, AnthropicWire.Default.AnthropicEventWire);
        }
        catch (JsonException)
        {
            // What the client makes of it is the client's affair; the bytes have gone through as they came.
            return null;
        }
    }
}
