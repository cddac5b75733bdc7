using OrleansChat.Core.Settings;
using OrleansChat.Core.Settings.Live;
using OrleansChat.Core.Settings.Reading;
using OrleansChat.Core.Settings.Showing;
using OrleansChat.GatewayApi.Logging;
using OrleansChat.GrainInterfaces.Clustering;
using OrleansChat.Silo.Clustering;
using OrleansChat.Silo.Dashboard;
using OrleansChat.Silo.Health;

namespace OrleansChat.Silo.Hosting;

/// <summary>Runs a silo: reads the settings, joins the cluster, drains, leaves.</summary>
internal static class SiloServer
{
    /// <summary>The exit code of a start that failed.</summary>
    private const int StartFailed = 1;

    /// <summary>Runs until it is told to stop.</summary>
    /// <param name="arguments">The command line.</param>
    /// <param name="cancellationToken">Stops the silo.</param>
    /// <returns>The exit code: 0 after a clean stop.</returns>
    public static Task<int> RunAsync(IReadOnlyList<string> arguments, CancellationToken cancellationToken) =>
        RunAsync(SettingsPlaces.OfThisProcess(arguments), static _ => { }, cancellationToken);

    /// <summary>Runs until it is told to stop.</summary>
    /// <param name="places">Where settings are looked for, the command line among them.</param>
    /// <param name="services">Adds services after all others.</param>
    /// <param name="cancellationToken">Stops the silo.</param>
    /// <returns>The exit code: 0 after a clean stop.</returns>
    internal static async Task<int> RunAsync(SettingsPlaces places, Action<IServiceCollection> services, CancellationToken cancellationToken)
    {
        var arguments = places.Arguments;
        if (arguments is [SettingsCommand.Name, var verb, ..])
            return SettingsCommand.Run(verb, places, Console.Out, Console.Error);
        var known = SiloArguments.Parse(arguments);
        if (known.Unknown is { } unknown)
            return await FailAsync([$"'{unknown}' is not an option.", "  Options: --local. Settings are given as --OrleansChat:Key=value."]);

        var (options, faults) = OrleansChatSettings.Read(places);
        if (faults.Count > 0)
            return await FailAsync(faults.Select(fault => fault.ToString()));

        try
        {
            return await RunAsync(Build(options, places, known.IsLocal, services), options, cancellationToken);
        }
        catch (Exception ended) when (ended is OperationCanceledException or OrleansLifecycleCanceledException)
        {
            // Told to stop before it had started in full, as while it still waited for Redis.
            return 0;
        }
        catch (ClusterMismatchException mismatch)
        {
            return await FailAsync([mismatch.Message, "  " + mismatch.Remedy]);
        }
        catch (IOException taken)
        {
            return await FailAsync([taken.Message, "  Choose other addresses with --OrleansChat:Cluster:SiloUrls, SiloPort and GatewayPort."]);
        }
    }

    private static async Task<int> RunAsync(IHost host, OrleansChatOptions options, CancellationToken cancellationToken)
    {
        _ = host.Services.GetRequiredService<SettingsWatch>();
        host.Services.FollowLogLevels();

        // As by a signal, which ends a start that waits for Redis too.
        await using var stop = cancellationToken.UnsafeRegister(
            static lifetime => ((IHostApplicationLifetime)lifetime!).StopApplication(), host.Services.GetRequiredService<IHostApplicationLifetime>());

        // Watched first: a start that fails disposes of the services at once.
        var late = StopLimit.WatchAsync(host.Services, options.Gateway.DrainTimeout, SiloDomain.LeaveTime);
        var running = host.RunAsync(CancellationToken.None);
        if (await Task.WhenAny(running, late) == running)
        {
            await running;
            return 0;
        }

        // Nothing more is waited for, the host's end included: what was acknowledged is written.
        return await FailAsync(
            [$"The silo could not leave the cluster within {SiloDomain.LeaveTime.TotalSeconds:F0} s, as when Redis is lost; the others will notice its death."]);
    }

    // The web server is registered before the silo, so that the health routes answer while the silo still waits for Redis.
    private static IHost Build(OrleansChatOptions options, SettingsPlaces places, bool isLocal, Action<IServiceCollection> services) =>
        new HostBuilder()
            .ConfigureServices(domain => domain.AddLiveSettings(options, places).AddOrleansChatLogging(options.Logging).LimitDashboardLog().AddSiloDomain(options, isLocal).AddSiloHealth(options))
            .ConfigureWebHost(web => web.UseSiloDoor(options))
            .UseOrleans(silo => silo.AddOrleansChatSilo(options, isLocal))
            .ConfigureServices(services)
            .Build();

    private static async Task<int> FailAsync(IEnumerable<string> lines)
    {
        foreach (var line in lines)
            await Console.Error.WriteLineAsync(line);

        return StartFailed;
    }
}
