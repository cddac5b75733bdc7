using System.Buffers;
using Microsoft.Extensions.AI;

namespace OrleansChat.Providers.Http;

/// <summary>
/// Watches the bytes of one streamed answer on their way to the client, in whichever protocol: what was used, whether it is whole. Bytes are
/// forwarded as they come.
/// </summary>
public interface IAnswerScanner
{
    /// <summary>What the upstream reported; null as long as it has not.</summary>
    UsageDetails? Usage { get; }

    /// <summary>Tokens of the text, the reasoning and the tool calls that came so far, as they are counted here.</summary>
    long OutputTokens { get; }

    /// <summary>Whether anything came that a model produced, or the end, or an error; a role, an empty text, a ping and a comment are none of these.</summary>
    bool HasContent { get; }

    /// <summary>Whether the answer came to its end as the protocol says; one that did not was cut.</summary>
    bool IsWhole { get; }

    /// <summary>Whether the protocol's own mark of the end has come: nothing that follows it belongs to the answer.</summary>
    bool IsDone { get; }

    /// <summary>Whether an event carried an error.</summary>
    bool HasError { get; }

    /// <summary>Takes the next bytes, cut anywhere, and writes those that the client should have.</summary>
    /// <param name="bytes">Bytes as they came.</param>
    /// <param name="forward">Where bytes for the client go.</param>
    void Scan(ReadOnlySpan<byte> bytes, IBufferWriter<byte> forward);

    /// <summary>Writes what is still held when the upstream has ended.</summary>
    /// <param name="forward">Where bytes for the client go.</param>
    void Complete(IBufferWriter<byte> forward);
}
