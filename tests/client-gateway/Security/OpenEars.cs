using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace OrleansChat.ClientGateway.Tests.Security;

/// <summary>A server that takes whatever it is sent: a collector of telemetry, and a receiver of alerts. Strings of protobuf stand in its bytes as they are.</summary>
internal sealed class OpenEars : IAsyncDisposable
{
    private readonly WebApplication _application;

    private OpenEars(WebApplication application) => _application = application;

    public string Url => _application.Urls.Single();

    public static async Task<OpenEars> StartAsync(Action<string, string, IHeaderDictionary> hear)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        var application = builder.Build();
        application.Run(async context =>
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body);
            hear(context.Request.Path, Encoding.Latin1.GetString(body.GetBuffer(), 0, (int)body.Length), context.Request.Headers);
        });
        await application.StartAsync();
        return new OpenEars(application);
    }

    public async ValueTask DisposeAsync()
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        await _application.StopAsync(patience.Token);
        await _application.DisposeAsync();
    }
}
