using System.Globalization;
using System.Net;
using OrleansChat.ClientGateway.Hosting;
using OrleansChat.Silo.Hosting;
using OrleansChat.Testing;

namespace OrleansChat.ClientGateway.Tests.Hosting;

/// <summary>A gateway and a silo of this process, each started and stopped when a test says so, with the states in memory.</summary>
internal sealed class LocalCluster : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly string[] _settings;
    private readonly string _url;
    private readonly CancellationTokenSource _gatewayStop = new();
    private readonly CancellationTokenSource _siloStop = new();
    private Task<int> _gateway = Task.FromResult(0);
    private Task<int> _silo = Task.FromResult(0);

    public LocalCluster(params string[] settings)
    {
        GatewayPort = FreePorts.Next();
        _url = string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{FreePorts.Next()}");
        var siloUrl = string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{FreePorts.Next()}");
        _settings =
        [
            "--local",
            $"--OrleansChat:Urls={_url}",
            $"--OrleansChat:Cluster:SiloUrls={siloUrl}",
            $"--OrleansChat:Cluster:SiloPort={FreePorts.Next()}",
            $"--OrleansChat:Cluster:GatewayPort={GatewayPort}",
            "--OrleansChat:Logging:Level=Critical",
            .. settings,
        ];
        Http = new HttpClient { BaseAddress = new Uri(_url) };
        SiloHttp = new HttpClient { BaseAddress = new Uri(siloUrl) };
    }

    /// <summary>Where the silo listens for clients.</summary>
    public int GatewayPort { get; }

    /// <summary>Asks the gateway.</summary>
    public HttpClient Http { get; }

    /// <summary>Asks the silo's own routes.</summary>
    public HttpClient SiloHttp { get; }

    /// <summary>Starts the gateway.</summary>
    public void StartGateway() => _gateway = Task.Run(() => ClientGatewayServer.RunAsync(_settings, _gatewayStop.Token));

    /// <summary>Starts the silo.</summary>
    public void StartSilo() => _silo = Task.Run(() => SiloServer.RunAsync(_settings, _siloStop.Token));

    /// <summary>Stops the silo in order; returns its exit code.</summary>
    public async Task<int> StopSiloAsync()
    {
        await _siloStop.CancelAsync();
        return await _silo.WaitAsync(Patience);
    }

    /// <summary>Asks the gateway until it answers with a status.</summary>
    public async Task WaitForAsync(string path, HttpStatusCode status)
    {
        var began = TimeProvider.System.GetTimestamp();
        HttpStatusCode? seen;
        while ((seen = await StatusAsync(path)) != status)
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
        await _gatewayStop.CancelAsync();
        await _siloStop.CancelAsync();
        await Task.WhenAll(_gateway, _silo).WaitAsync(Patience);
        _gatewayStop.Dispose();
        _siloStop.Dispose();
    }

    private async Task<HttpStatusCode?> StatusAsync(string path)
    {
        try
        {
            using var response = await Http.GetAsync(path);
            return response.StatusCode;
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }
}
