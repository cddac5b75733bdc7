using OrleansChat.Providers.Anthropic;
using OrleansChat.Providers.OpenAI;

namespace OrleansChat.Providers.Upstreams;

/// <summary>The raw paths to the configured upstreams.</summary>
public interface IPassThroughs
{
    /// <summary>The raw path to an upstream.</summary>
    /// <param name="upstream">The upstream's id.</param>
    /// <returns>The path; null if there is no such upstream or it does not speak OpenAI's protocol.</returns>
    IOpenAIPassThrough? Find(string upstream);

    /// <summary>The raw path to an upstream that speaks Anthropic's protocol.</summary>
    /// <param name="upstream">The upstream's id.</param>
    /// <returns>The path; null if there is no such upstream or it speaks another protocol.</returns>
    IAnthropicPassThrough? FindAnthropic(string upstream);
}
