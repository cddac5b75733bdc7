using OrleansChat.ClientGateway.Hosting;

namespace OrleansChat.ClientGateway.Tests.Hosting;

/// <summary>The gateway's executable reads and shows settings as the standalone one does, by the same rules.</summary>
public sealed class GatewayCommandTests
{
    [Theory]
    [InlineData(0, "config", "validate")]
    [InlineData(0, "config", "precedence")]
    [InlineData(0, "config", "show", "--OrleansChat:Gateway:MaxJsonDepth=9")]
    [InlineData(1, "config", "validate", "--OrleansChat:Gateway:MaxJsonDepth=many", "--OrleansChat:Gateway:MaxWaiting=-1")]
    [InlineData(1, "config", "dance")]
    public async Task Config_EndsAsItsVerbFound(int expected, params string[] arguments)
    {
        Assert.Equal(expected, await ClientGatewayServer.RunAsync(arguments, CancellationToken.None));
    }
}
