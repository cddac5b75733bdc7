using System.Collections.ObjectModel;
using Microsoft.Extensions.Options;
using OrleansChat.Core.Costs;
using OrleansChat.Core.Errors;
using OrleansChat.Core.Settings;
using OrleansChat.Core.Upstreams;

namespace OrleansChat.Core.Routing;

/// <summary>The models of the settings, read anew when those change; with none configured, <c>builtin/extractive</c>.</summary>
public sealed class ModelCatalog : IModelCatalog, IDisposable
{
    /// <summary>What answers where no model is configured.</summary>
    private static readonly UpstreamTarget BuiltinAnswer = new("builtin", "extractive");

    private readonly IDisposable? _watch;
    private volatile Contents _contents;

    /// <summary>Makes the catalog.</summary>
    /// <param name="options">The settings.</param>
    public ModelCatalog(IOptionsMonitor<OrleansChatOptions> options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _contents = new Contents(options.CurrentValue);
        _watch = options.OnChange(changed => _contents = new Contents(changed));
    }

    /// <inheritdoc/>
    public IReadOnlyList<Model> Models => _contents.Models;

    /// <inheritdoc/>
    public Model Find(string? id)
    {
        var contents = _contents;
        if (id is null)
            return contents.Models[0];

        if (contents.ById.TryGetValue(id, out var model))
            return model;

        throw new RequestException(Problem.Of(
            ProblemCode.NotFound,
            $"There is no model '{id}'.",
            $"Name one of: {string.Join(", ", contents.Models.Select(known => known.Id))}.") with
        { Subject = "model" });
    }

    /// <inheritdoc/>
    public Model OfTarget(UpstreamTarget target) => _contents.OfTarget(target);

    /// <inheritdoc/>
    public void Dispose() => _watch?.Dispose();

    private sealed class Contents
    {
        private readonly Dictionary<UpstreamTarget, Model> _byTarget = [];
        private readonly Dictionary<string, string> _upstreams;

        public Contents(OrleansChatOptions options)
        {
            _upstreams = options.Upstreams.ToDictionary(upstream => upstream.Id, upstream => upstream.Id, StringComparer.OrdinalIgnoreCase);
            var models = options.Models.Count == 0 ? [Builtin()] : options.Models.Select(model => ModelOf(model, options)).ToList();
            Models = [.. models.OrderByDescending(model => model.Id == ModelOptions.DefaultId)];
            ById = Models.ToDictionary(model => model.Id, StringComparer.Ordinal);

            // The embedding model of the settings can be asked for by its target's name; with limits of its own it is a model.
            var embeddings = options.Embeddings;
            if (UpstreamTarget.TryParse(embeddings.Model, out _))
            {
                var model = new ModelOptions { Id = embeddings.Model, Route = [embeddings.Model], InputUsdPerMillion = embeddings.InputUsdPerMillion };
                ById.TryAdd(model.Id, ModelOf(model, options));
            }

            AddTargets(options);
        }

        public IReadOnlyList<Model> Models { get; }

        public Dictionary<string, Model> ById { get; }

        public Model OfTarget(UpstreamTarget target)
        {
            var known = target with { Upstream = _upstreams.GetValueOrDefault(target.Upstream, target.Upstream) };
            return _byTarget.TryGetValue(known, out var model) ? model : OfTarget(known, ModelOf(new ModelOptions { Id = known.ToString() }, new OrleansChatOptions()));
        }

        private static Model OfTarget(UpstreamTarget target, Model model) =>
            model with { Route = [target], Shares = ReadOnlyDictionary<UpstreamTarget, RouteShare>.Empty, HedgeAfter = null };

        private static Model Builtin() =>
            ModelOf(new ModelOptions { Id = ModelOptions.DefaultId, Route = [BuiltinAnswer.ToString()] }, new OrleansChatOptions());

        private static Model ModelOf(ModelOptions model, OrleansChatOptions options)
        {
            var (route, shares) = RouteExpansion.Of(model, options);
            return new Model
            {
                Id = model.Id,
                Route = route,
                Shares = shares,
                HedgeAfter = model.HedgeAfter,
                ContextTokens = model.ContextTokens,
                MaxOutputTokens = model.MaxOutputTokens,
                Price = PriceOf(model),
                Limits = model.Limits.ToLimits(),
                Cache = model.Cache,
            };
        }

        // In the order of precedence: what is there stays.
        private void AddTargets(OrleansChatOptions options)
        {
            foreach (var model in Models)
                Add(model.Id, model);
            AddPriced(options.Embeddings.Model, options.Embeddings.InputUsdPerMillion);
            AddPriced(options.Search.RerankModel, options.Search.RerankUsdPerMillion);
            foreach (var model in Models)
            {
                if (model.Route is [var only])
                    _byTarget.TryAdd(only, OfTarget(only, model));
            }

            void AddPriced(string? name, decimal usdPerMillion)
            {
                // A price that settings do not give is no word against that of a model.
                if (usdPerMillion > 0)
                    Add(name, ModelOf(new ModelOptions { Id = name!, InputUsdPerMillion = usdPerMillion }, options));
            }
        }

        private void Add(string? name, Model model)
        {
            if (UpstreamTarget.TryParse(name, out var target))
                _byTarget.TryAdd(target, OfTarget(target, model));
        }

        private static Price PriceOf(ModelOptions options) =>
            new(NanoUsd.FromUsd(options.InputUsdPerMillion), NanoUsd.FromUsd(options.OutputUsdPerMillion))
            {
                CachedInputPerMillion = NanoUsd.FromUsd(options.CachedInputUsdPerMillion),
                CacheWritePerMillion = NanoUsd.FromUsd(options.CacheWriteUsdPerMillion),
                ReasoningPerMillion = NanoUsd.FromUsd(options.ReasoningUsdPerMillion),
            };
    }
}
