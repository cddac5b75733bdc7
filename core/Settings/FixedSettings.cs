using Microsoft.Extensions.Options;

namespace OrleansChat.Core.Settings;

/// <summary>Settings that were read and checked at start, for those who would also hear of changes.</summary>
/// <param name="settings">The settings.</param>
public sealed class FixedSettings(OrleansChatOptions settings) : IOptionsMonitor<OrleansChatOptions>
{
    /// <inheritdoc/>
    public OrleansChatOptions CurrentValue { get; } = settings;

    /// <inheritdoc/>
    public OrleansChatOptions Get(string? name) => CurrentValue;

    /// <inheritdoc/>
    public IDisposable? OnChange(Action<OrleansChatOptions, string?> listener) => null;
}
