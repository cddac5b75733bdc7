using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OrleansChat.Core.Settings;
using OrleansChat.GatewayApi.Hosting;
using OrleansChat.Standalone.Hosting;
using OrleansChat.Standalone.Tests.Journals;
using OrleansChat.Testing.Telemetry;

namespace OrleansChat.Standalone.Tests.Chaos;

/// <summary>The whole product over a real socket and a disk that fails where a test says so.</summary>
internal sealed class ChaosHost : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private WebApplication _application = null!;
    private Journal.Journal _journal = null!;

    public ScriptedFiles Files { get; } = new();

    public HttpClient Client { get; } = new();

    /// <summary>Starts the product; services that are given replace the usual ones.</summary>
    public static async Task<ChaosHost> StartAsync(OrleansChatOptions options, Action<IServiceCollection>? replace = null)
    {
        var host = new ChaosHost();
        options = options with { Urls = "http://127.0.0.1:0", DataDirectory = host._folder.Path, Gateway = new GatewayOptions { MaxLag = TimeSpan.Zero } };
        host._journal = await Journals.Journals.OpenAsync(host._folder, host.Files);
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseOrleansChatKestrel(options);
        builder.Services.AddStandalone(options, host._journal);
        replace?.Invoke(builder.Services);
        builder.Logging.ClearProviders();
        host._application = builder.Build();
        host._application.MapOrleansChat();
        await host._application.StartAsync();
        host.Client.BaseAddress = new Uri(host._application.Urls.Single());
        return host;
    }

    public async Task<JsonElement> PostAsync(string path, object body)
    {
        using var response = await Client.PostAsJsonAsync(path, body);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, $"{(int)response.StatusCode} {text}");
        return JsonElement.Parse(text);
    }

    /// <summary>The status of a component, whatever that of the answer is.</summary>
    public async Task<string?> StatusOfAsync(string component)
    {
        using var response = await Client.GetAsync("/health");
        var health = await response.Content.ReadFromJsonAsync<JsonElement>();
        return health.GetProperty("components").GetProperty(component).GetProperty("status").GetString();
    }

    public async Task<MetricPage> MetricsAsync() => MetricPage.Parse(await Client.GetStringAsync("/metrics"));

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _application.StopAsync();
        await _application.DisposeAsync();
        await _journal.DisposeAsync();
        _folder.Dispose();
    }
}
