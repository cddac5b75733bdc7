using OrleansChat.Core.Turns;

namespace OrleansChat.Providers.OpenAI;

/// <summary>Cuts texts into batches that stay within a count and an estimate of tokens, in order.</summary>
internal static class EmbeddingBatches
{
    public static IEnumerable<List<string>> Of(IEnumerable<string> texts, int maxCount, int maxTokens)
    {
        var batch = new List<string>();
        var tokens = 0L;
        foreach (var text in texts)
        {
            var estimate = TokenEstimate.Count(text);
            if (batch.Count > 0 && (batch.Count == maxCount || tokens + estimate > maxTokens))
            {
                yield return batch;
                batch = [];
                tokens = 0;
            }

            batch.Add(text);
            tokens += estimate;
        }

        if (batch.Count > 0)
            yield return batch;
    }
}
