using System.Collections.Concurrent;
using OrleansChat.Core.Actors;
using OrleansChat.Core.Errors;

namespace OrleansChat.Core.Costs.InputRatios;

/// <summary>
/// Upper bounds of input tokens from their bytes, as this process knows them: no request waits for the model's actor, which is told after
/// a few dozen settlements, and at once when one had more than was set aside.
/// </summary>
/// <param name="actors">The actors.</param>
public sealed class InputEstimates(IActorDirectory actors)
{
    private const int ToldAfter = 64;

    private readonly ConcurrentDictionary<string, Known> _models = new(StringComparer.Ordinal);

    /// <summary>The most tokens that an input is expected to have.</summary>
    /// <param name="model">The model's id.</param>
    /// <param name="bytes">Its bytes.</param>
    /// <returns>Tokens, at least 1 for anything and never more than <paramref name="bytes"/>.</returns>
    public long BoundOf(string model, long bytes) =>
        (long)((((Int128)bytes * Find(model).Bound.TokensPerMillion) + InputRatio.Bytes - 1) / InputRatio.Bytes);

    /// <summary>Learns what an input really had.</summary>
    /// <param name="model">The model's id.</param>
    /// <param name="bytes">Its bytes, above 0.</param>
    /// <param name="tokens">Its tokens as the upstream reported them.</param>
    public void Learn(string model, long bytes, long tokens)
    {
        var perMillion = (long)Int128.Min((((Int128)tokens * InputRatio.Bytes) + bytes - 1) / bytes, InputRatio.Bytes);
        var known = Find(model);
        if (known.Add(perMillion))
            _ = TellAsync(model, known);
    }

    private Known Find(string model)
    {
        if (_models.TryGetValue(model, out var known))
            return known;

        known = _models.GetOrAdd(model, new Known());
        if (known.TryBegin())
            _ = TellAsync(model, known);

        return known;
    }

    private async Task TellAsync(string model, Known known)
    {
        for (var more = true; more;)
        {
            var sample = known.Take();
            try
            {
                more = known.GoesOnAfter(await actors.InputRatio(model).LearnAsync(sample, CancellationToken.None));
            }
            catch (Exception fault) when (fault is OrleansChatException or OperationCanceledException)
            {
                // It is told with the next; till then what was known holds.
                known.GiveBack(sample);
                return;
            }
        }
    }

    private sealed class Known
    {
        private readonly Lock _gate = new();
        private InputSample _untold = new(0, 0);
        private bool _telling;

        public InputBound Bound { get; private set; } = new(InputRatio.Bytes);

        public bool TryBegin()
        {
            lock (_gate)
                return !_telling && (_telling = true);
        }

        /// <summary>Adds a settlement; whether the actor is to be told now.</summary>
        public bool Add(long perMillion)
        {
            lock (_gate)
            {
                _untold = new InputSample(_untold.Settlements + 1, Math.Max(_untold.MostPerMillion, perMillion));
                var isMore = perMillion > Bound.TokensPerMillion;
                if (isMore)
                    Bound = new InputBound(perMillion);

                return !_telling && (isMore || _untold.Settlements >= ToldAfter) && (_telling = true);
            }
        }

        public InputSample Take()
        {
            lock (_gate)
            {
                var taken = _untold;
                _untold = new InputSample(0, 0);
                return taken;
            }
        }

        /// <summary>Takes the actor's answer; whether enough came meanwhile to tell it again.</summary>
        public bool GoesOnAfter(InputBound bound)
        {
            lock (_gate)
            {
                Bound = new InputBound(Math.Max(bound.TokensPerMillion, _untold.MostPerMillion));
                return _telling = _untold.Settlements >= ToldAfter;
            }
        }

        public void GiveBack(InputSample sample)
        {
            lock (_gate)
            {
                _untold = new InputSample(_untold.Settlements + sample.Settlements, Math.Max(_untold.MostPerMillion, sample.MostPerMillion));
                _telling = false;
            }
        }
    }
}
