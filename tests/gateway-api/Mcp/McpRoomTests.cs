using Microsoft.Extensions.DependencyInjection;
using OrleansChat.Core.Errors;
using OrleansChat.Core.Keys;
using OrleansChat.GatewayApi.Mcp;
using OrleansChat.GatewayApi.Tests.Hosting;
using OrleansChat.Testing;

namespace OrleansChat.GatewayApi.Tests.Mcp;

/// <summary>Who makes room when there are as many MCP sessions as there may be.</summary>
public sealed class McpRoomTests : IAsyncLifetime
{
    private static readonly ApiKey Few = new() { Id = "few" };
    private static readonly ApiKey Many = new() { Id = "many" };

    private readonly FakeClock _clock = new();
    private readonly List<McpSession> _manyOnes = [];
    private GatewayHost _host = null!;
    private McpSession _oldest = null!;

    private McpSessions Sessions => _host.Services.GetRequiredService<McpSessions>();

    public async Task InitializeAsync()
    {
        _host = await GatewayHost.StartAsync(services: services => services.AddSingleton<TimeProvider>(_clock));
        _oldest = await Sessions.OpenAsync(Few);
        _clock.Advance(TimeSpan.FromSeconds(1));
        while (Sessions.Count < McpSessions.MaxSessions)
            _manyOnes.Add(await Sessions.OpenAsync(Many));
        _clock.Advance(TimeSpan.FromSeconds(1));
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task Open_WhenThereIsNoRoom_EndsASessionOfTheKeyThatHasTheMost()
    {
        await Sessions.OpenAsync(Many);
        await Sessions.OpenAsync(Few);

        Assert.Equal(McpSessions.MaxSessions, Sessions.Count);
        Assert.NotNull(Sessions.Find(_oldest.Id, Few));
    }

    [Fact]
    public async Task Open_ByTheKeyThatHasTheMostAndUsesThemAll_IsRefused()
    {
        foreach (var session in _manyOnes)
            session.Use();

        await Assert.ThrowsAsync<OrleansChatException>(async () => await Sessions.OpenAsync(Many));
        Assert.NotNull(Sessions.Find(_oldest.Id, Few));
    }
}
