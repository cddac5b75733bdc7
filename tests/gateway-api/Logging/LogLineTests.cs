using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OrleansChat.Core.ContentLogging;
using OrleansChat.Core.Settings;
using OrleansChat.Core.Settings.Live;
using OrleansChat.GatewayApi.Logging;
using Serilog;
using Serilog.Core;
using Serilog.Events;
using Serilog.Formatting.Display;

namespace OrleansChat.GatewayApi.Tests.Logging;

public sealed class LogLineTests
{
    [Theory]
    [InlineData("a\nERR forged", "a\\u000aERR forged")]
    [InlineData("a\r\u001b[2Jb\u2028c\u0085d", "a\\u000d\\u001b[2Jb\\u2028c\\u0085d")]
    [InlineData("plain text, ümläut", "plain text, ümläut")]
    public void Values_WithControlCharacters_AreEscaped(string value, string expected)
    {
        var sink = new Lines();
        using var logger = new LoggerConfiguration().Enrich.With<ControlCharacters>().WriteTo.Sink(sink).CreateLogger();
        logger.Information("Got {Value:l}", value);
        Assert.Equal([$"Got {expected}"], sink.All);
    }

    [Fact]
    public void AFault_BeginsNoLineOfTheLogAndMovesNoCursor()
    {
        var text = new StringWriter(CultureInfo.InvariantCulture);
        using var logger = new LoggerConfiguration().Enrich.With<ControlCharacters>().Enrich.With<FaultLines>()
            .WriteTo.Sink(new Templated(text)).CreateLogger();
        logger.Error(new IOException("a\r\n12:00:00.000 ERR forged\u001b[2J\nforged too"), "Failed");
        Assert.DoesNotContain('\u001b', text.ToString());
        Assert.All(text.ToString().TrimEnd().Split('\n').Skip(1), line => Assert.StartsWith("   ", line, StringComparison.Ordinal));
        Assert.Contains("\\u001b[2J", text.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Levels_FollowTheSettings()
    {
        var live = new LiveSettings(new OrleansChatOptions());
        using var levels = new LogLevels(live.CurrentValue.Logging);
        levels.Follow(live);
        Assert.Equal((LogEventLevel.Information, LogEventLevel.Warning), (levels.Own.MinimumLevel, levels.Platform.MinimumLevel));

        live.Apply(new OrleansChatOptions { Logging = new LoggingOptions { Level = "Debug" } });

        Assert.Equal((LogEventLevel.Debug, LogEventLevel.Debug), (levels.Own.MinimumLevel, levels.Platform.MinimumLevel));
    }

    [Theory]
    [InlineData("None", false)]
    [InlineData("Error", true)]
    public void Level_DecidesWhatIsWritten(string level, bool writesErrors)
    {
        using var services = new ServiceCollection().AddOrleansChatLogging(new LoggingOptions { Level = level }).BuildServiceProvider();
        var logger = services.GetRequiredService<ILoggerFactory>().CreateLogger("OrleansChat.Some");
        Assert.Equal((writesErrors, false), (logger.IsEnabled(LogLevel.Error), logger.IsEnabled(LogLevel.Warning)));
    }

    [Theory]
    [InlineData("None", false)]
    [InlineData("Error", true)]
    public void Content_IsWrittenAtEveryLevel_SinceKeysDecide(string level, bool isWritten)
    {
        using var services = new ServiceCollection().AddOrleansChatLogging(new LoggingOptions { Level = level }).BuildServiceProvider();
        Assert.Equal(isWritten, services.GetRequiredService<ILoggerFactory>().CreateLogger(ContentLog.Category).IsEnabled(LogLevel.Trace));
    }

    private sealed class Templated(TextWriter output) : ILogEventSink
    {
        private readonly MessageTemplateTextFormatter _formatter = new("{Message}{NewLine}{" + FaultLines.Property + ":l}", CultureInfo.InvariantCulture);

        public void Emit(LogEvent logEvent) => _formatter.Format(logEvent, output);
    }

    private sealed class Lines : ILogEventSink
    {
        public List<string> All { get; } = [];

        public void Emit(LogEvent logEvent) => All.Add(logEvent.RenderMessage(CultureInfo.InvariantCulture));
    }
}
