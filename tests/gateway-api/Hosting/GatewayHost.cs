using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using OrleansChat.Core.Settings;
using OrleansChat.GatewayApi.Hosting;
using OrleansChat.Standalone.Hosting;
using OrleansChat.Standalone.Journal;

namespace OrleansChat.GatewayApi.Tests.Hosting;

/// <summary>The whole product of one machine over a real Kestrel socket on a free port and a journal of its own.</summary>
internal sealed class GatewayHost : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    private readonly WebApplication _application;
    private readonly Journal _journal;
    private readonly string _folder;
    private bool _stopped;
    private bool _isReplaced;

    private GatewayHost(WebApplication application, Journal journal, string folder, CapturedFaults faults)
    {
        _application = application;
        _journal = journal;
        _folder = folder;
        Faults = faults;
        Address = application.Urls.Select(url => new Uri(url)).Single(url => url.IsLoopback);
        Client = new HttpClient { BaseAddress = Address };
    }

    public Uri Address { get; }

    public HttpClient Client { get; }

    /// <summary>What the server logged as an error; a test fails at its end if there is any.</summary>
    public CapturedFaults Faults { get; }

    public IServiceProvider Services => _application.Services;

    public static Task<GatewayHost> StartAsync(
        OrleansChatOptions? options = null, Action<IServiceCollection>? services = null, Action<WebApplication>? routes = null) =>
        StartOverAsync(Directory.CreateTempSubdirectory("orleanschat-gateway-").FullName, options, services, routes);

    private static async Task<GatewayHost> StartOverAsync(
        string folder, OrleansChatOptions? options, Action<IServiceCollection>? services, Action<WebApplication>? routes)
    {
        options = (options ?? new OrleansChatOptions()) with
        {
            Urls = "http://127.0.0.1:0",
            DataDirectory = folder,
            Logging = new LoggingOptions { Level = "None" },
        };

        // A machine that is busy with other tests is late all the time.
        options = options with { Gateway = options.Gateway with { MaxLag = TimeSpan.Zero } };
        var journal = await Journal.OpenAsync(
            new JournalOptions { DataDirectory = folder }, TimeProvider.System, NullLogger<Journal>.Instance, CancellationToken.None);
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseOrleansChatKestrel(options);
        services?.Invoke(builder.Services);
        builder.Services.AddStandalone(options, journal);
        var faults = new CapturedFaults();
        builder.Logging.SetMinimumLevel(LogLevel.Error).AddProvider(faults);
        var application = builder.Build();
        application.MapOrleansChat();
        routes?.Invoke(application);
        await application.StartAsync();
        return new GatewayHost(application, journal, folder, faults);
    }

    /// <summary>Breakers that open after two failures, and try again after a second.</summary>
    public static BreakerOptions QuickBreakers { get; } = new() { ConsecutiveFailures = 2, OpenDuration = TimeSpan.FromSeconds(1), MaxOpenDuration = TimeSpan.FromSeconds(1) };

    /// <summary>Settings with one model that an upstream answers for, besides what is given.</summary>
    public static OrleansChatOptions With(string upstreamUrl, OrleansChatOptions? options = null) => (options ?? new OrleansChatOptions()) with
    {
        // Where a gate holds the upstream, a machine that is busy must not make it silent for too long.
        Upstreams =
        [
            new UpstreamOptions
            {
                Id = "scripted", BaseUrl = upstreamUrl, MaxRetries = 0, Timeout = Patience, FirstTokenTimeout = Patience, TokenTimeout = Patience,
            },
        ],
        Models =
        [
            new ModelOptions { Id = "default", Route = ["scripted/scripted-model"], MaxOutputTokens = 256, InputUsdPerMillion = 1, OutputUsdPerMillion = 2 },
        ],
    };

    /// <summary>As <see cref="With"/>, where extractive answers stand in for the upstream's.</summary>
    public static OrleansChatOptions WithStandIn(string upstreamUrl, OrleansChatOptions? options = null)
    {
        var settings = With(upstreamUrl, options);
        return settings with { Models = [settings.Models[0] with { Route = [.. settings.Models[0].Route, "builtin/extractive"] }] };
    }

    public async Task<JsonElement> PostAsync(string path, object body)
    {
        using var response = await Client.PostAsJsonAsync(path, body);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, $"{(int)response.StatusCode} {text}");
        return JsonElement.Parse(text);
    }

    public Task<JsonElement> GetAsync(string path) => Client.GetFromJsonAsync<JsonElement>(path);

    /// <summary>Sends a request with a key.</summary>
    public async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, string secret, object? body = null)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body) };
        request.Headers.TryAddWithoutValidation("x-api-key", secret);
        return await Client.SendAsync(request);
    }

    public static StringContent Json(string text) => new(text, Encoding.UTF8, "application/json");

    /// <summary>Gives the order to stop and waits for the end.</summary>
    public async Task StopAsync()
    {
        _stopped = true;
        await _application.StopAsync();
    }

    /// <summary>Stops in order and starts another host over the same data; this one is disposed of.</summary>
    public async Task<GatewayHost> RestartAsync(OrleansChatOptions? options = null, Action<IServiceCollection>? services = null)
    {
        _isReplaced = true;
        await DisposeAsync();
        return await StartOverAsync(_folder, options, services, null);
    }

    /// <summary>Starts another host over what is left of the data should this one die now; what this one does from here on goes nowhere, and it is disposed of.</summary>
    public async Task<GatewayHost> CrashAsync(OrleansChatOptions? options = null, Action<IServiceCollection>? services = null)
    {
        var left = Directory.CreateTempSubdirectory("orleanschat-gateway-").FullName;
        foreach (var file in Directory.GetFiles(_folder, "*", SearchOption.AllDirectories).Where(file => Path.GetExtension(file) != ".lock"))
        {
            var copy = Path.Combine(left, Path.GetRelativePath(_folder, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            await using var source = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            await using var target = File.Create(copy);
            await source.CopyToAsync(target);
        }

        await DisposeAsync();
        return await StartOverAsync(left, options, services, null);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        if (!_stopped)
            await StopAsync();
        await _application.DisposeAsync();
        await _journal.DisposeAsync();
        if (!_isReplaced)
            Directory.Delete(_folder, recursive: true);

        Assert.True(Faults.All.Count == 0, string.Join('\n', Faults.All));
    }
}
