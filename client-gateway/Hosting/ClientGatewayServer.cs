using OrleansChat.Core.Settings.Live;
using OrleansChat.Core.Settings.Reading;
using OrleansChat.Core.Settings.Showing;
using OrleansChat.GatewayApi.Hosting;

namespace OrleansChat.ClientGateway.Hosting;

/// <summary>Runs a gateway: reads the settings, listens, looks for silos as long as it takes, drains.</summary>
internal static class ClientGatewayServer
{
    private const string Local = "--local";
    private const string SettingPrefix = "--OrleansChat:";

    /// <summary>The exit code of a start that failed.</summary>
    private const int StartFailed = 1;

    /// <summary>Runs until it is told to stop.</summary>
    /// <param name="arguments">The command line.</param>
    /// <param name="cancellationToken">Stops the gateway.</param>
    /// <returns>The exit code: 0 after a clean stop.</returns>
    public static Task<int> RunAsync(IReadOnlyList<string> arguments, CancellationToken cancellationToken) =>
        RunAsync(SettingsPlaces.OfThisProcess(arguments), static _ => { }, cancellationToken);

    /// <summary>Runs until it is told to stop.</summary>
    /// <param name="places">Where settings are looked for, the command line among them.</param>
    /// <param name="services">Adds services after all others.</param>
    /// <param name="cancellationToken">Stops the gateway.</param>
    /// <returns>The exit code: 0 after a clean stop.</returns>
    internal static async Task<int> RunAsync(SettingsPlaces places, Action<IServiceCollection> services, CancellationToken cancellationToken)
    {
        var arguments = places.Arguments;
        if (arguments is [SettingsCommand.Name, var verb, ..])
            return SettingsCommand.Run(verb, places, Console.Out, Console.Error);
        if (FindUnknown(arguments) is { } unknown)
            return await FailAsync([$"'{unknown}' is not an option.", "  Options: --local; commands: config show|validate|precedence|schema. Settings are given as --OrleansChat:Key=value."]);

        var (options, faults) = OrleansChatSettings.Read(places);
        if (faults.Count > 0)
            return await FailAsync(faults.Select(fault => fault.ToString()));

        try
        {
            var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
            builder.WebHost.UseOrleansChatKestrel(options);
            builder.Services.AddLiveSettings(options, places);
            builder.AddClientGateway(options, arguments.Contains(Local));
            services(builder.Services);
            await using var application = builder.Build();
            application.MapOrleansChat();
            return await RunAsync(application, cancellationToken);
        }
        catch (IOException taken)
        {
            return await FailAsync([taken.Message, "  Choose another address with --OrleansChat:Urls=http://127.0.0.1:8082"]);
        }
    }

    private static async Task<int> RunAsync(WebApplication application, CancellationToken cancellationToken)
    {
        var versions = application.Services.GetService<VersionCheck>();
        var stopping = application.Lifetime.ApplicationStopping;

        // As by a signal, which ends a start that waits for silos too.
        await using var stop = cancellationToken.UnsafeRegister(static lifetime => ((IHostApplicationLifetime)lifetime!).StopApplication(), application.Lifetime);
        try
        {
            await application.RunAsync(CancellationToken.None);
        }
        catch (Exception) when (stopping.IsCancellationRequested)
        {
            // Told to stop before a silo was found: the start fails in whatever it was doing.
        }

        return versions?.Mismatch is { } mismatch ? await FailAsync([mismatch.Message, "  " + mismatch.Remedy]) : 0;
    }

    private static string? FindUnknown(IReadOnlyList<string> arguments)
    {
        for (var i = 0; i < arguments.Count; i++)
        {
            if (arguments[i].StartsWith(SettingPrefix, StringComparison.OrdinalIgnoreCase))
                i += arguments[i].Contains('=', StringComparison.Ordinal) ? 0 : 1;
            else if (arguments[i] != Local)
                return arguments[i];
        }

        return null;
    }

    private static async Task<int> FailAsync(IEnumerable<string> lines)
    {
        foreach (var line in lines)
            await Console.Error.WriteLineAsync(line);

        return StartFailed;
    }
}
