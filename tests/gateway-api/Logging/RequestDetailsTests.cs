using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OrleansChat.Core.Settings;
using OrleansChat.GatewayApi.Logging;

namespace OrleansChat.GatewayApi.Tests.Logging;

/// <summary>While its details of requests are heard, the web server makes a span and a scope for each request.</summary>
public sealed class RequestDetailsTests
{
    private const string Details = "Microsoft.AspNetCore.Hosting.Diagnostics";

    [Theory]
    [InlineData("Information", false)]
    [InlineData("Warning", false)]
    [InlineData("Debug", true)]
    [InlineData("Trace", true)]
    public void Details_AreHeardOnlyWhereTheSettingsAskForThem(string level, bool areHeard)
    {
        using var services = new ServiceCollection().AddOrleansChatLogging(new LoggingOptions { Level = level }).BuildServiceProvider();
        var loggers = services.GetRequiredService<ILoggerFactory>();

        Assert.Equal(areHeard, loggers.CreateLogger(Details).IsEnabled(LogLevel.Critical));
        Assert.True(loggers.CreateLogger("Microsoft.AspNetCore.Server").IsEnabled(LogLevel.Critical));
    }
}
