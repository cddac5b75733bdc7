using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace OrleansChat.GatewayApi.Tests.Hosting;

/// <summary>Every line that a server logs, whatever its level.</summary>
internal sealed class CapturedLog : ILoggerProvider
{
    private readonly ConcurrentQueue<LogLine> _lines = new();

    public IReadOnlyCollection<LogLine> Lines => _lines;

    /// <summary>Lets all levels pass; give it to <see cref="GatewayHost.StartAsync"/>, and the log itself to the host that came of it.</summary>
    public static void OpenAllLevels(IServiceCollection services) =>
        services.PostConfigure<LoggerFilterOptions>(static filter => filter.MinLevel = LogLevel.Trace);

    public void Hear(GatewayHost host) => host.Services.GetRequiredService<ILoggerFactory>().AddProvider(this);

    public ILogger CreateLogger(string categoryName) => new Logger(_lines, categoryName);

    public void Dispose()
    {
    }

    private sealed class Logger(ConcurrentQueue<LogLine> lines, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            lines.Enqueue(new LogLine(category, logLevel, $"{formatter(state, exception)} {exception}"));
    }
}

/// <summary>A line of a log.</summary>
internal sealed record LogLine(string Category, LogLevel Level, string Text);
