using OrleansChat.Core.Actors;
using OrleansChat.Core.Settings;
using OrleansChat.Testing;

namespace OrleansChat.Contract.Tests.Hosting;

/// <summary>A host of actors as the suites see it: nothing in it tells one host from another.</summary>
public interface IActorHost : IAsyncDisposable
{
    /// <summary>The actors; another directory after <see cref="CrashAsync"/>.</summary>
    IActorDirectory Actors { get; }

    /// <summary>The clock that the actors go by.</summary>
    FakeClock Clock { get; }

    /// <summary>The settings that the actors see.</summary>
    TestOptions<OrleansChatOptions> Settings { get; }

    /// <summary>What was told of budgets' thresholds, by every process of the host.</summary>
    RecordedAlerts Alerts { get; }

    /// <summary>Ends every activation in order; the next calls make new ones.</summary>
    Task DeactivateAllAsync();

    /// <summary>Ends everything at once, as when the process is killed: only what was durable is found again.</summary>
    Task CrashAsync();
}

/// <summary>Starts a host for one test.</summary>
public interface IActorHostFactory
{
    /// <summary>Starts a host.</summary>
    /// <returns>The host, with no state.</returns>
    static abstract Task<IActorHost> StartAsync();

    /// <summary>Rounds of the tests that crash at random moments: fewer where a crash takes long.</summary>
    static virtual int CrashRounds => 20;
}
