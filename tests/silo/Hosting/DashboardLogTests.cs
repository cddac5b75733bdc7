using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Dashboard;
using OrleansChat.Core.Settings;
using OrleansChat.GatewayApi.Logging;
using OrleansChat.Silo.Dashboard;

namespace OrleansChat.Silo.Tests.Hosting;

/// <summary>The dashboard's listener hears what the log has, and has nothing put into words that nobody asked for.</summary>
public sealed class DashboardLogTests
{
    [Theory]
    [InlineData("Information", "Orleans.Runtime.Silo", LogLevel.Warning)]
    [InlineData("Information", "Microsoft.AspNetCore", LogLevel.Warning)]
    [InlineData("Information", "OrleansChat.Core", LogLevel.Information)]
    [InlineData("Trace", "Orleans.Runtime.Silo", LogLevel.Trace)]
    [InlineData("Error", "OrleansChat.Core", LogLevel.Error)]
    public void Listener_HearsFromTheLevelOfTheLogOn(string level, string category, LogLevel least)
    {
        using var host = new HostBuilder()
            .ConfigureServices(services => services.AddOrleansChatLogging(new LoggingOptions { Level = level }).LimitDashboardLog())
            .UseOrleans(silo => silo.UseLocalhostClustering().AddDashboard())
            .Build();
        Assert.Contains(host.Services.GetServices<ILoggerProvider>(), provider => provider.GetType().Name == "DashboardLogger");
        var logger = host.Services.GetRequiredService<ILoggerFactory>().CreateLogger(category);

        foreach (var one in Enum.GetValues<LogLevel>())
            Assert.Equal((one, one >= least && one != LogLevel.None), (one, logger.IsEnabled(one)));
    }
}
