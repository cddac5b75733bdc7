using System.Threading.Channels;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using OrleansChat.Core.Settings.Live;
using OrleansChat.Testing;
using Serilog.Extensions.Logging;

namespace OrleansChat.ClientGateway.Tests.Hosting;

/// <summary>Hears from a process when changed settings are in force, or at fault; and tells which levels of its log are written.</summary>
internal sealed class SettingsNews : ILoggerProvider, ILogger
{
    private readonly Channel<int> _news = Channel.CreateUnbounded<int>();
    private ILogger _log = null!;

    /// <summary>Changed settings are in force, in every part of the process.</summary>
    public const int InForce = 400;

    /// <summary>Changed settings are at fault.</summary>
    public const int AtFault = 401;

    /// <summary>Listens to a process that is about to start.</summary>
    public void Hear(IServiceCollection services)
    {
        services.AddSingleton<ILoggerProvider>(this);
        services.AddHostedService(provider =>
        {
            _log = provider.GetServices<ILoggerProvider>().OfType<SerilogLoggerProvider>().Single().CreateLogger("OrleansChat.Anything");
            return new Nothing();
        });
    }

    /// <summary>Waits for the next news of a kind.</summary>
    public async Task WaitForAsync(int news)
    {
        while (await _news.Reader.ReadAsync().AsTask().WaitAsync(TestWait.Limit) != news)
        {
        }
    }

    /// <summary>Whether a line of that level is written.</summary>
    public bool Writes(LogLevel level) => _log.IsEnabled(level);

    public ILogger CreateLogger(string categoryName) => categoryName == typeof(SettingsWatch).FullName ? this : NullLogger.Instance;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        _news.Writer.TryWrite(eventId.Id);

    public void Dispose()
    {
    }

    private sealed class Nothing : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
