using Microsoft.Extensions.Logging.Abstractions;
using OrleansChat.Core.Admission;
using OrleansChat.Core.CircuitBreaking;
using OrleansChat.Core.Errors;
using OrleansChat.Core.Routing;
using OrleansChat.Core.Settings;
using OrleansChat.Core.Upstreams;
using OrleansChat.Testing;

namespace OrleansChat.Core.Tests.Routing;

/// <summary>A router before four upstreams, of which two are limited, by a clock of the test's.</summary>
public abstract class RouterSuite : IDisposable
{
    private protected static readonly UpstreamTarget One = new("one", "a");
    private protected static readonly UpstreamTarget Two = new("two", "b");

    private int _operations;

    protected RouterSuite()
    {
        var settings = new TestOptions<OrleansChatOptions>(new OrleansChatOptions
        {
            Models =
            [
                new ModelOptions { Id = "default", Route = ["one/a", "two/b"] },
                new ModelOptions { Id = "single", Route = ["one/a"] },
                new ModelOptions { Id = "limited", Route = ["one/a", "three/a", "three/b", "four/a"] },
            ],
            Upstreams =
            [
                new UpstreamOptions { Id = "two", Limits = new LimitOptions { RequestsPerMinute = 2 } },
                new UpstreamOptions { Id = "three", Limits = new LimitOptions { MaxConcurrent = 1 } },
            ],
        });
        Actors = new RoutingActors(Clock, settings);
        Watch = new BreakerWatch(Actors, Clock, settings, NullLogger<BreakerWatch>.Instance);
        Rules = new ScopeRules(settings);
        Catalog = new ModelCatalog(settings);
        Router = new Router(Actors, Watch, Rules, Clock);
    }

    private protected FakeClock Clock { get; } = new();

    private protected RoutingActors Actors { get; }

    private protected BreakerWatch Watch { get; }

    private protected ScopeRules Rules { get; }

    private protected ModelCatalog Catalog { get; }

    private protected Router Router { get; }

    public void Dispose()
    {
        Watch.Dispose();
        Rules.Dispose();
        Catalog.Dispose();
        GC.SuppressFinalize(this);
    }

    private protected static UpstreamException Failed(UpstreamTarget target, UpstreamFailure failure) => new(target.Upstream, failure, "it broke");

    private protected string NextOperation() => $"op-{_operations++}";

    private protected async Task<RoutedCall<string>> OpenAsync(
        string model, Func<UpstreamTarget, string> open, CancellationToken cancellationToken = default)
    {
        var request = new RouteRequest(Catalog.Find(model), NextOperation(), 10);
        return await Router.OpenAsync(request, (attempt, _) => ValueTask.FromResult(open(attempt.Target)), cancellationToken);
    }
}
