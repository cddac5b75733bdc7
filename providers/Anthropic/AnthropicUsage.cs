using Microsoft.Extensions.AI;
using OrleansChat.Core.Upstreams;

namespace OrleansChat.Providers.Anthropic;

/// <summary>
/// Token counts of one message. A stream tells them in parts: the input at its start, and the output so far in each
/// <c>message_delta</c>, which replaces what was said before and is not added to it.
/// </summary>
internal sealed class AnthropicUsage
{
    private long? _input;
    private long? _output;
    private long? _cacheRead;
    private long? _cacheCreation;

    /// <summary>Takes note of what an event says.</summary>
    public void Add(AnthropicUsageWire? usage)
    {
        _input = usage?.InputTokens ?? _input;
        _output = usage?.OutputTokens ?? _output;
        _cacheRead = usage?.CacheReadInputTokens ?? _cacheRead;
        _cacheCreation = usage?.CacheCreationInputTokens ?? _cacheCreation;
    }

    /// <summary>The counts in common terms; null when none came. Anthropic counts cached input beside the input, the common terms within it.</summary>
    public UsageDetails? ToDetails()
    {
        if (_input is null && _output is null)
            return null;
        var input = _input is null ? (long?)null : Countable(_input) + Countable(_cacheRead) + Countable(_cacheCreation);
        var details = new UsageDetails
        {
            InputTokenCount = input,
            OutputTokenCount = _output,
            TotalTokenCount = (input ?? 0) + Countable(_output),
            CachedInputTokenCount = _cacheRead,
        };
        if (_cacheCreation is { } creation)
            (details.AdditionalCounts ??= [])[ReportedUsage.CacheWriteCount] = creation;
        return details;
    }

    /// <summary>A part of a sum: a negative count must not spoil the others.</summary>
    private static long Countable(long? tokens) => Math.Max(0, tokens ?? 0);
}
