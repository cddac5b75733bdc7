using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging;

namespace OrleansChat.ClientGateway.Tests.Security;

/// <summary>Hears all that processes say, and keeps what must not be said: a planted secret, or one that was made at run time.</summary>
internal sealed partial class Overheard(string canary)
{
    private readonly ConcurrentDictionary<string, int> _heard = new(StringComparer.Ordinal);

    /// <summary>What gave a secret away, each with where it was said.</summary>
    public ConcurrentQueue<string> Leaks { get; } = new();

    /// <summary>How much was said there.</summary>
    public int Count(string where) => _heard.GetValueOrDefault(where);

    /// <summary>Something is said.</summary>
    public void Hear(string where, string what)
    {
        _heard.AddOrUpdate(where, 1, static (_, count) => count + 1);
        if (what.Contains(canary, StringComparison.Ordinal) || MadeSecret().IsMatch(what))
            Leaks.Enqueue($"{where}: {what}");
    }

    /// <summary>A log all of whose levels are heard.</summary>
    public ILoggerProvider Log(string where) => new Listener(this, where);

    [GeneratedRegex("oc-[A-Za-z0-9_-]{43}")]
    private static partial Regex MadeSecret();

    private sealed class Listener(Overheard all, string where) : ILoggerProvider, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull
        {
            all.Hear(where, state.ToString() ?? "");
            return null;
        }

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            all.Hear(logLevel <= LogLevel.Debug ? $"{where}, details" : where, $"{formatter(state, exception)} {exception}");

        public void Dispose()
        {
        }
    }
}
