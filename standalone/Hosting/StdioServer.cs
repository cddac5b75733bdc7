using OrleansChat.Core.Settings.Reading;
using OrleansChat.GatewayApi.Mcp;

namespace OrleansChat.Standalone.Hosting;

/// <summary>Runs the product for one MCP client, without listening anywhere. Standard output belongs to the protocol.</summary>
internal static class StdioServer
{
    /// <summary>Serves from the data folder of the settings.</summary>
    /// <returns>The exit code: 0 after the client has ended.</returns>
    public static Task<int> RunAsync(IReadOnlyList<string> arguments, CancellationToken cancellationToken) => GuardAsync(async () =>
    {
        StartFault.ThrowIfUnknown(arguments);
        var options = OrleansChatSettings.Load(SettingsPlaces.OfThisProcess(arguments));
        await using var journal = await Server.OpenJournalAsync(options, cancellationToken);
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddStandalone(options, journal);
        using var host = builder.Build();
        await host.StartAsync(cancellationToken);
        await McpStdio.ServeAsync(host.Services, cancellationToken);
        await host.StopAsync(CancellationToken.None);
    });

    /// <summary>Passes everything on to a running server.</summary>
    /// <returns>The exit code: 0 after the client has ended.</returns>
    public static Task<int> RelayAsync(Uri server, string? key, CancellationToken cancellationToken) =>
        GuardAsync(() => McpStdio.RelayAsync(server, key, cancellationToken));

    private static async Task<int> GuardAsync(Func<Task> run)
    {
        try
        {
            await run();
            return 0;
        }
        catch (Exception fault) when (StartFault.Describe(fault) is { } lines)
        {
            foreach (var line in lines)
                await Console.Error.WriteLineAsync(line);
            return Server.StartFailed;
        }
    }
}
