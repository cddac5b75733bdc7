using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using OrleansChat.Core.Errors;
using OrleansChat.Core.Health;
using OrleansChat.Core.Settings;
using OrleansChat.Silo.Health;
using OrleansChat.Silo.Tests.Keys;
using OrleansChat.Testing;

namespace OrleansChat.Silo.Tests.Health;

public sealed class SiloHealthRoutesTests
{
    [Fact]
    public async Task Everything_WhenAllIsWell_IsWell()
    {
        var (ready, health, body) = await AskAsync(new Component("membership", isCritical: true, HealthFinding.Healthy));

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK, "healthy"), (ready, health, StatusOf(body)));
    }

    [Fact]
    public async Task AFaultThatDoesNotMatterMuch_LeavesTheSiloReadyAndDegraded()
    {
        var (ready, health, body) = await AskAsync(
            new Component("membership", isCritical: true, HealthFinding.Healthy),
            new Component("redis", isCritical: false, new HealthFinding(HealthStatus.Unhealthy, "gone")));

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK, "degraded"), (ready, health, StatusOf(body)));
        Assert.Equal("gone", body.GetProperty("components").GetProperty("redis").GetProperty("detail").GetString());
    }

    [Fact]
    public async Task ACriticalFault_TakesTheSiloOutOfService()
    {
        var (ready, health, body) = await AskAsync(new Component("membership", isCritical: true, new HealthFinding(HealthStatus.Unhealthy, "This silo is Joining.")));

        Assert.Equal((HttpStatusCode.ServiceUnavailable, HttpStatusCode.ServiceUnavailable, "unhealthy"), (ready, health, StatusOf(body)));
    }

    [Fact]
    public async Task ACheckThatThrows_IsAFaultWithoutItsStack()
    {
        var (_, _, body) = await AskAsync(
            new Component("product", isCritical: false, new StorageException("The store is gone.", new IOException("cable"))),
            new Component("foreign", isCritical: false, new InvalidOperationException("secret detail")));

        var components = body.GetProperty("components");
        Assert.Equal("The store is gone.", components.GetProperty("product").GetProperty("detail").GetString());
        Assert.Equal(nameof(InvalidOperationException), components.GetProperty("foreign").GetProperty("detail").GetString());
    }

    [Fact]
    public async Task AComponent_HasTheFieldsOfAGateways()
    {
        var (_, _, body) = await AskAsync(new Component("membership", isCritical: true, HealthFinding.Healthy));

        Assert.Equal(100, body.GetProperty("overall_sla").GetDouble());
        Assert.True(body.GetProperty("uptime_seconds").GetDouble() >= 0);
        var component = body.GetProperty("components").GetProperty("membership");
        Assert.True(component.GetProperty("critical").GetBoolean());
        Assert.Equal(JsonValueKind.Null, component.GetProperty("last_error").ValueKind);
        Assert.Equal(["response_time_ms", "uptime_seconds", "sla_current"], component.EnumerateObject().Where(field => field.Value.ValueKind is JsonValueKind.Number).Select(field => field.Name));
        Assert.Equal(["day", "week", "month"], component.GetProperty("sla").EnumerateObject().Select(field => field.Name));
    }

    [Fact]
    public async Task Answer_IsThatOfTheLastLook_ToTheByte()
    {
        var clock = new FakeClock();
        await using var silo = await StartAsync(clock, [new Component("membership", isCritical: true, HealthFinding.Healthy)]);
        using var http = new HttpClient { BaseAddress = new Uri(silo.Urls.First()) };
        var first = await http.GetByteArrayAsync("/health");

        clock.Advance(TimeSpan.FromSeconds(0.9));
        Assert.Equal(first, await http.GetByteArrayAsync("/health"));

        clock.Advance(TimeSpan.FromSeconds(0.2));
        Assert.NotEqual(first, await http.GetByteArrayAsync("/health"));
    }

    [Fact]
    public async Task AnybodyElse_SeesTheStatusAlone()
    {
        var (_, health, body) = await AskAsync([new Component("membership", isCritical: true, HealthFinding.Healthy)], new ApiKeyOptions { Id = "ann", Secret = "ann-secret" });

        Assert.Equal((HttpStatusCode.OK, """{"status":"healthy"}"""), (health, body.GetRawText()));
    }

    private static string? StatusOf(JsonElement body) => body.GetProperty("status").GetString();

    private static Task<(HttpStatusCode Ready, HttpStatusCode Health, JsonElement Body)> AskAsync(params Component[] components) => AskAsync(components, []);

    private static async Task<(HttpStatusCode Ready, HttpStatusCode Health, JsonElement Body)> AskAsync(Component[] components, params ApiKeyOptions[] keys)
    {
        await using var silo = await StartAsync(TimeProvider.System, components, keys);
        using var http = new HttpClient { BaseAddress = new Uri(silo.Urls.First()) };
        using var ready = await http.GetAsync("/ready");
        using var health = await http.GetAsync("/health");
        return (ready.StatusCode, health.StatusCode, JsonElement.Parse(await health.Content.ReadAsStringAsync()));
    }

    private static async Task<WebApplication> StartAsync(TimeProvider clock, Component[] components, params ApiKeyOptions[] keys)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        var options = new OrleansChatOptions { ApiKeys = keys };
        builder.Services.AddLogging();
        builder.Services.AddSingleton(clock);
        builder.Services.AddSettings(options);
        builder.Services.AddSingleton(UnreachableActors.Create());
        builder.Services.AddSiloHealth(options);
        builder.Services.RemoveAll<IHealthComponent>();
        foreach (var component in components)
            builder.Services.AddSingleton<IHealthComponent>(component);

        var application = builder.Build();
        application.UseRouting();
        application.MapSiloHealth();
        await application.StartAsync();
        return application;
    }

    private sealed class Component(string name, bool isCritical, object outcome) : IHealthComponent
    {
        public string Name => name;

        public bool IsCritical => isCritical;

        public ValueTask<HealthFinding> CheckAsync(CancellationToken cancellationToken) =>
            outcome is HealthFinding finding ? ValueTask.FromResult(finding) : throw (Exception)outcome;
    }
}
