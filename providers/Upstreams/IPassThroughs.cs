using OrleansChat.Providers.OpenAI;

namespace OrleansChat.Providers.Upstreams;

/// <summary>The raw paths to the configured upstreams.</summary>
public interface IPassThroughs
{
    /// <summary>The raw path to an upstream.</summary>
    /// <param name="upstream">The upstream's id.</param>
    /// <returns>The path; null if there is no such upstream or it does not speak OpenAI's protocol.</returns>
    IOpenAIPassThrough? Find(string upstream);
}
