using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using OrleansChat.Core.Settings;
using OrleansChat.GatewayApi.Hosting;
using OrleansChat.Standalone.Hosting;
using OrleansChat.Standalone.Tests.Journals;

namespace OrleansChat.Standalone.Tests.Executable;

/// <summary>What runs in the background when the start fails at something else.</summary>
public sealed class FailedStartTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task BackgroundService_WhenTheStartOfAnotherFails_EndsWithoutAFaultOfItsOwn()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var options = new OrleansChatOptions { Urls = $"http://{taken.LocalEndpoint}", DataDirectory = _folder.Path };
        await using var journal = await Journals.Journals.OpenAsync(_folder);
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseOrleansChatKestrel(options);
        builder.Services.AddStandalone(options, journal);
        List<BackgroundService> services;
        await using (var application = builder.Build())
        {
            application.MapOrleansChat();
            services = [.. application.Services.GetServices<IHostedService>().OfType<BackgroundService>()];
            await Assert.ThrowsAsync<IOException>(() => application.StartAsync());
        }

        Assert.NotEmpty(services);
        foreach (var service in services)
        {
            var ended = service.ExecuteTask!;
            await Task.WhenAny(ended).WaitAsync(TimeSpan.FromSeconds(30));
            Assert.False(ended.IsFaulted, ended.Exception?.ToString());
        }
    }
}
