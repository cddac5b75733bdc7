using System.Globalization;
using System.Net;
using Microsoft.Extensions.DependencyInjection;
using OrleansChat.ClientGateway.Hosting;
using OrleansChat.Core.Settings.Reading;
using OrleansChat.Silo.Hosting;
using OrleansChat.Testing;

namespace OrleansChat.ClientGateway.Tests.Hosting;

/// <summary>
/// A gateway and a silo of this process, each started and stopped when a test says so, with the states in memory. Both read settings from a folder of their own.
/// </summary>
internal sealed class LocalCluster : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("orleanschat-cluster-");
    private readonly string[] _settings;
    private readonly CancellationTokenSource _gatewayStop = new();
    private readonly CancellationTokenSource _siloStop = new();
    private readonly List<Task<int>> _others = [];
    private Task<int> _gateway = Task.FromResult(0);
    private Task<int> _silo = Task.FromResult(0);

    public LocalCluster(params string[] settings)
    {
        GatewayPort = FreePorts.Next();
        var url = string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{FreePorts.Next()}");
        var siloUrl = string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{FreePorts.Next()}");
        _settings =
        [
            $"--OrleansChat:Urls={url}",
            $"--OrleansChat:Cluster:SiloUrls={siloUrl}",
            $"--OrleansChat:Cluster:SiloPort={FreePorts.Next()}",
            $"--OrleansChat:Cluster:GatewayPort={GatewayPort}",

            // A machine that is busy with other tests is late all the time, and nobody is turned away for it.
            "--OrleansChat:Gateway:MaxLag=00:00:00",
            "--OrleansChat:Gateway:MaxSlowdown=0",
            .. settings,
        ];
        Http = new HttpClient { BaseAddress = new Uri(url) };
        SiloHttp = new HttpClient { BaseAddress = new Uri(siloUrl) };
        Write("""{ "Logging": { "Level": "Critical" } }""");
    }

    /// <summary>Where the silo listens for clients.</summary>
    public int GatewayPort { get; }

    /// <summary>Asks the gateway.</summary>
    public HttpClient Http { get; }

    /// <summary>Asks the silo's own routes.</summary>
    public HttpClient SiloHttp { get; }

    /// <summary>Whether the two need no Redis.</summary>
    public bool IsLocal { get; init; } = true;

    /// <summary>Services of the gateway that replace the usual ones.</summary>
    public Action<IServiceCollection> GatewayServices { get; init; } = static _ => { };

    /// <summary>Services of the silo that replace the usual ones.</summary>
    public Action<IServiceCollection> SiloServices { get; init; } = static _ => { };

    /// <summary>Starts the gateway.</summary>
    /// <param name="settings">Settings that the silo does not have.</param>
    public void StartGateway(params string[] settings) =>
        _gateway = Task.Run(() => ClientGatewayServer.RunAsync(PlacesOf(settings), GatewayServices, _gatewayStop.Token));

    /// <summary>Starts a further gateway.</summary>
    /// <returns>Asks it.</returns>
    public HttpClient StartAnotherGateway()
    {
        var url = string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{FreePorts.Next()}");
        _others.Add(Task.Run(() => ClientGatewayServer.RunAsync(PlacesOf([$"--OrleansChat:Urls={url}"]), GatewayServices, _gatewayStop.Token)));
        return new HttpClient { BaseAddress = new Uri(url) };
    }

    /// <summary>Starts the silo.</summary>
    /// <param name="settings">Settings that the gateway does not have.</param>
    public void StartSilo(params string[] settings) =>
        _silo = Task.Run(() => SiloServer.RunAsync(PlacesOf(settings), SiloServices, _siloStop.Token));

    /// <summary>Writes the settings file that both read.</summary>
    /// <param name="section">The section <c>OrleansChat</c>, as JSON.</param>
    public void Write(string section)
    {
        // Both look at the file every second, and are to find all of it.
        var file = Path.Combine(_folder.FullName, "orleanschat.json");
        File.WriteAllText(file + ".new", $$"""{ "OrleansChat": {{section}} }""");
        File.Move(file + ".new", file, overwrite: true);
    }

    /// <summary>Stops both in order.</summary>
    public async Task StopAsync()
    {
        await _gatewayStop.CancelAsync();
        await _siloStop.CancelAsync();
        await Task.WhenAll([_gateway, _silo, .. _others]).WaitAsync(Patience);
    }

    /// <summary>Stops the silo in order; returns its exit code.</summary>
    public async Task<int> StopSiloAsync()
    {
        await _siloStop.CancelAsync();
        return await _silo.WaitAsync(Patience);
    }

    /// <summary>Asks the gateway until it answers with a status.</summary>
    public Task WaitForAsync(string path, HttpStatusCode status) => WaitForAsync(Http, path, status);

    /// <summary>Asks the gateway or the silo until it answers with a status.</summary>
    public static async Task WaitForAsync(HttpClient http, string path, HttpStatusCode status)
    {
        var began = TimeProvider.System.GetTimestamp();
        HttpStatusCode? seen;
        while ((seen = await StatusAsync(http, path)) != status)
        {
            if (TimeProvider.System.GetElapsedTime(began) > Patience)
                throw new TimeoutException($"{path} is {seen}, not {status}.");

            await Task.Yield();
        }
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        SiloHttp.Dispose();
        await StopAsync();
        _gatewayStop.Dispose();
        _siloStop.Dispose();
        _folder.Delete(recursive: true);
    }

    private SettingsPlaces PlacesOf(string[] settings) => SettingsPlaces.OfThisProcess([.. IsLocal ? ["--local"] : Array.Empty<string>(), .. _settings, .. settings]) with
    {
        WorkingDirectory = _folder.FullName,
        HomeDirectory = "",
        SystemDirectory = _folder.FullName,
    };

    private static async Task<HttpStatusCode?> StatusAsync(HttpClient http, string path)
    {
        try
        {
            using var response = await http.GetAsync(path);
            return response.StatusCode;
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }
}
