using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace OrleansChat.GatewayApi.Tests.Hosting;

/// <summary>Keeps what a server logs as an error, so that a test can say that there was none, or what it was.</summary>
internal sealed class CapturedFaults : ILoggerProvider
{
    private readonly ConcurrentQueue<string> _faults = new();

    public IReadOnlyCollection<string> All => _faults;

    public ILogger CreateLogger(string categoryName) => new Logger(this, categoryName);

    public void Dispose()
    {
    }

    private sealed class Logger(CapturedFaults owner, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Error;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
                owner._faults.Enqueue($"{category}: {formatter(state, exception)} {exception}");
        }
    }
}
