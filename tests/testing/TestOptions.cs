using Microsoft.Extensions.Options;

namespace OrleansChat.Testing;

/// <summary>Settings that a test can change while code under test runs.</summary>
/// <typeparam name="T">The settings' type.</typeparam>
/// <param name="value">The first value.</param>
public sealed class TestOptions<T>(T value) : IOptionsMonitor<T>
{
    private Action<T, string?>? _changed;

    /// <inheritdoc/>
    public T CurrentValue { get; private set; } = value;

    /// <inheritdoc/>
    public T Get(string? name) => CurrentValue;

    /// <summary>Changes the settings and tells whoever listens.</summary>
    /// <param name="newValue">The new value.</param>
    public void Change(T newValue)
    {
        CurrentValue = newValue;
        _changed?.Invoke(newValue, null);
    }

    /// <inheritdoc/>
    public IDisposable OnChange(Action<T, string?> listener)
    {
        _changed += listener;
        return new Listening(() => _changed -= listener);
    }

    private sealed class Listening(Action end) : IDisposable
    {
        public void Dispose() => end();
    }
}
