using System.Buffers;
using System.Text.Json;
using Microsoft.Extensions.AI;
using OrleansChat.Core.Turns;
using OrleansChat.Providers.Http;

namespace OrleansChat.Providers.OpenAI;

/// <summary>
/// Watches the bytes of a chat stream on their way to the client: finds the usage that the upstream reports, and counts what was
/// produced for when it reports none. The bytes are forwarded unchanged; only the event that carries nothing but usage is left out if
/// the client did not ask for it. One instance watches one stream.
/// </summary>
/// <param name="hidesUsageEvent">
/// Whether to leave out the usage event, because this server asked for it and the client did not. Events are then forwarded when
/// they are complete, otherwise at once.
/// </param>
public sealed class UsageScanner(bool hidesUsageEvent = false) : IAnswerScanner
{
    /// <summary>An event longer than this, in bytes, is forwarded unread.</summary>
    public const int MaxEventBytes = 4 * 1024 * 1024;

    private readonly ArrayBufferWriter<byte> _event = new(1024);
    private int _lineStart;
    private bool _isTooLong;
    private bool _hasOthers;

    /// <inheritdoc/>
    public UsageDetails? Usage { get; private set; }

    /// <inheritdoc/>
    public long OutputTokens { get; private set; }

    /// <inheritdoc/>
    public bool HasContent => _hasOthers || OutputTokens > 0 || IsWhole || HasError;

    /// <summary>UTF-16 code units of text, reasoning and tool arguments.</summary>
    public long ContentCharacters { get; private set; }

    /// <summary>Why the model stopped, as the upstream wrote it last; null as long as it has not.</summary>
    public string? FinishReason { get; private set; }

    /// <summary>Whether the stream said <c>[DONE]</c>; one that ends without it and without a finish reason was cut.</summary>
    public bool IsDone { get; private set; }

    /// <inheritdoc/>
    public bool IsWhole => IsDone || FinishReason is not null;

    /// <inheritdoc/>
    public bool HasError { get; private set; }

    /// <summary>The model that the upstream says has answered; null if it did not say.</summary>
    public string? Model { get; private set; }

    /// <summary>Reads the whole body of an answer that is not streamed.</summary>
    /// <param name="json">The body.</param>
    /// <returns>Its usage; null if it has none or is not a completion.</returns>
    public static UsageDetails? ReadWhole(ReadOnlySpan<byte> json)
    {
        try
        {
            // Its text is passed over, and nothing is made of it.
            var reader = new Utf8JsonReader(json);
            if (!reader.Read() || reader.TokenType is not JsonTokenType.StartObject)
                return null;

            UsageWire? usage = null;
            while (reader.Read() && reader.TokenType is JsonTokenType.PropertyName)
            {
                var isUsage = reader.ValueTextEquals("usage"u8);
                reader.Read();
                if (!isUsage)
                    reader.Skip();
                else if (reader.TokenType is JsonTokenType.StartObject)
                    usage = JsonSerializer.Deserialize(ref reader, OpenAIWire.Default.UsageWire);
                else
                    (usage, _) = (null, reader.TrySkip());
            }

            // Anything behind the object makes it no answer.
            reader.Read();
            return usage?.ToDetails();
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <inheritdoc/>
    public void Scan(ReadOnlySpan<byte> bytes, IBufferWriter<byte> forward)
    {
        if (!hidesUsageEvent)
            forward.Write(bytes);
        while (!bytes.IsEmpty)
        {
            // Lines end with LF or CR LF; a lone CR, which the format also allows, is sent by no server known.
            var newline = bytes.IndexOf((byte)'\n');
            var line = newline < 0 ? bytes : bytes[..(newline + 1)];
            Keep(line, forward);
            bytes = bytes[line.Length..];
            if (newline >= 0)
                EndLine(forward);
        }
    }

    /// <inheritdoc/>
    public void Complete(IBufferWriter<byte> forward)
    {
        if (_event.WrittenCount > 0)
            EndEvent(forward);
    }

    private static CompletionWire? Parse(ReadOnlySpan<byte> json)
    {
        try
        {
            return JsonSerializer.Deserialize(json, OpenAIWire.Default.CompletionWire);
        }
        catch (JsonException)
        {
            // What the client makes of it is the client's affair; the bytes have gone through as they came.
            return null;
        }
    }

    private void Keep(ReadOnlySpan<byte> bytes, IBufferWriter<byte> forward)
    {
        if (_event.WrittenCount + bytes.Length > MaxEventBytes)
        {
            _isTooLong = true;
            if (hidesUsageEvent)
                forward.Write(_event.WrittenSpan);
            _event.ResetWrittenCount();
            _lineStart = 0;
        }

        _event.Write(bytes);
    }

    private void EndLine(IBufferWriter<byte> forward)
    {
        var line = _event.WrittenSpan[_lineStart..];
        _lineStart = _event.WrittenCount;
        if (line.TrimEnd("\r\n"u8).IsEmpty)
            EndEvent(forward);
    }

    private void EndEvent(IBufferWriter<byte> forward)
    {
        var isUsageOnly = !_isTooLong && Read(SseEventData.Of(_event.WrittenSpan));
        if (hidesUsageEvent && !isUsageOnly)
            forward.Write(_event.WrittenSpan);
        _event.ResetWrittenCount();
        _lineStart = 0;
        _isTooLong = false;
    }

    /// <summary>Takes note of an event; true if it carries usage and nothing for the client's eyes.</summary>
    private bool Read(ReadOnlySpan<byte> data)
    {
        if (data.IsEmpty)
            return false;
        if (data.SequenceEqual("[DONE]"u8))
        {
            IsDone = true;
            return false;
        }

        if (Parse(data) is not { } wire)
            return false;
        Model ??= wire.Model;
        HasError |= wire.Error.ValueKind is not (JsonValueKind.Undefined or JsonValueKind.Null);
        foreach (var choice in wire.Choices ?? [])
            Count(choice);
        if (wire.Usage is null)
            return false;
        Usage = wire.Usage.ToDetails();
        return wire.Choices is null or { Count: 0 };
    }

    private void Count(ChoiceWire choice)
    {
        if (choice.FinishReason is { Length: > 0 } reason)
            FinishReason = reason;
        if (choice.Delta is not { } delta)
            return;
        Count(delta.Content);
        Count(delta.Refusal);
        Count(delta.ReasoningContent ?? delta.Reasoning);
        foreach (var call in delta.ToolCalls ?? [])
        {
            Count(call.Function?.Name);
            Count(call.Function?.Arguments);
        }

        _hasOthers |= delta.Others?.Values.Any(IsSomething) is true;
    }

    private static bool IsSomething(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => true,
        JsonValueKind.Array => value.GetArrayLength() > 0,
        JsonValueKind.String => !value.ValueEquals(""),
        _ => false,
    };

    private void Count(string? piece)
    {
        if (piece is null)
            return;
        OutputTokens += TokenEstimate.CountPiece(piece);
        ContentCharacters += piece.Length;
    }
}
