using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OrleansChat.Core.Settings;
using OrleansChat.GatewayApi.Hosting;

namespace OrleansChat.GatewayApi.Tests.Hosting;

/// <summary>The gateway over a real Kestrel socket on a free port.</summary>
internal sealed class GatewayHost : IAsyncDisposable
{
    private readonly WebApplication _application;

    private GatewayHost(WebApplication application)
    {
        _application = application;
        Address = new Uri(application.Urls.Single());
        Client = new HttpClient { BaseAddress = Address };
    }

    public Uri Address { get; }

    public HttpClient Client { get; }

    public IServiceProvider Services => _application.Services;

    public static async Task<GatewayHost> StartAsync(
        OrleansChatOptions? options = null, Action<IServiceCollection>? services = null, Action<WebApplication>? routes = null)
    {
        options = (options ?? new OrleansChatOptions()) with { Urls = "http://127.0.0.1:0" };
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseOrleansChatKestrel(options);
        services?.Invoke(builder.Services);
        builder.Services.AddOrleansChatGateway(options);
        var application = builder.Build();
        application.MapOrleansChat();
        routes?.Invoke(application);
        await application.StartAsync();
        return new GatewayHost(application);
    }

    /// <summary>Gives the order to stop and waits for the end.</summary>
    public Task StopAsync() => _application.StopAsync();

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _application.DisposeAsync();
    }
}
