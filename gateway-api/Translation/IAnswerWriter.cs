using System.Buffers;
using Microsoft.Extensions.AI;
using OrleansChat.Core.Upstreams;

namespace OrleansChat.GatewayApi.Translation;

/// <summary>Writes one answer in a vendor's words. Holds the state of one answer.</summary>
internal interface IAnswerWriter
{
    /// <summary>Begins a stream.</summary>
    void Begin(IBufferWriter<byte> output);

    /// <summary>Writes a piece of the answer into the stream: text, reasoning or a whole tool call.</summary>
    void Write(IBufferWriter<byte> output, AIContent content);

    /// <summary>Ends the stream.</summary>
    void End(IBufferWriter<byte> output, AnswerEnd end);

    /// <summary>Writes the answer as one document.</summary>
    void WriteWhole(IBufferWriter<byte> output, IReadOnlyList<AIContent> contents, AnswerEnd end);
}

/// <summary>How an answer ended.</summary>
/// <param name="Reason">Why the model stopped.</param>
/// <param name="Usage">What it used.</param>
internal sealed record AnswerEnd(ChatFinishReason Reason, TokenUsage Usage);
