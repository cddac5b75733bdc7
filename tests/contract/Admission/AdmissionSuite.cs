using Microsoft.Extensions.Logging.Abstractions;
using OrleansChat.Contract.Tests.Hosting;
using OrleansChat.Core.Actors;
using OrleansChat.Core.Admission;
using OrleansChat.Core.CircuitBreaking;
using OrleansChat.Core.Routing;
using OrleansChat.Core.Settings;

namespace OrleansChat.Contract.Tests.Admission;

/// <summary>Admissions over a host's actors.</summary>
/// <typeparam name="THost">Starts the host.</typeparam>
public abstract class AdmissionSuite<THost> : ActorContract<THost>, IDisposable
    where THost : IActorHostFactory
{
    private readonly List<IDisposable> _made = [];

    public void Dispose()
    {
        _made.ForEach(one => one.Dispose());
        GC.SuppressFinalize(this);
    }

    /// <summary>Makes an admission, and the settings those of its host.</summary>
    /// <param name="actors">The host's actors, or what stands before them.</param>
    /// <param name="settings">The settings.</param>
    protected ScopedAdmission Admission(IActorDirectory actors, OrleansChatOptions settings)
    {
        Host.Settings.Change(settings);
        var (catalog, rules) = (new ModelCatalog(Host.Settings), new ScopeRules(Host.Settings));
        var watch = new BreakerWatch(actors, Clock, Host.Settings, NullLogger<BreakerWatch>.Instance);
        _made.AddRange([catalog, rules, watch]);
        return new ScopedAdmission(actors, catalog, rules, watch, Clock);
    }
}
