using Microsoft.Extensions.Options;

namespace OrleansChat.Core.Settings.Live;

/// <summary>The settings in force, which a reload exchanges as a whole.</summary>
/// <param name="start">The settings of the start.</param>
public sealed class LiveSettings(OrleansChatOptions start) : IOptionsMonitor<OrleansChatOptions>
{
    private readonly Lock _gate = new();
    private readonly List<Action<OrleansChatOptions, string?>> _listeners = [];
    private volatile OrleansChatOptions _current = start;

    /// <inheritdoc/>
    public OrleansChatOptions CurrentValue => _current;

    /// <inheritdoc/>
    public OrleansChatOptions Get(string? name) => _current;

    /// <inheritdoc/>
    public IDisposable? OnChange(Action<OrleansChatOptions, string?> listener)
    {
        lock (_gate)
            _listeners.Add(listener);
        return new Subscription(this, listener);
    }

    /// <summary>Puts other settings in force, and tells the listeners one after another.</summary>
    /// <param name="settings">The settings, checked.</param>
    public void Apply(OrleansChatOptions settings)
    {
        Action<OrleansChatOptions, string?>[] listeners;
        lock (_gate)
        {
            _current = settings;
            listeners = [.. _listeners];
        }

        foreach (var listener in listeners)
            listener(settings, null);
    }

    private sealed class Subscription(LiveSettings owner, Action<OrleansChatOptions, string?> listener) : IDisposable
    {
        public void Dispose()
        {
            lock (owner._gate)
                owner._listeners.Remove(listener);
        }
    }
}
