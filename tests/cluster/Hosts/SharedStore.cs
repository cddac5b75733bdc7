using Orleans.Storage;

namespace OrleansChat.Cluster.Tests.Hosts;

/// <summary>What all silos share, as Redis would be: states as JSON under a version, alive when silos die.</summary>
internal sealed class SharedStore
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, (string Version, BinaryData Json)> _states = new(StringComparer.Ordinal);
    private long _writes;

    /// <summary>Whether every call fails, as when Redis is lost.</summary>
    public bool IsLost { get; set; }

    /// <summary>What every call waits for, as while Redis is slow.</summary>
    public Task Free { get; set; } = Task.CompletedTask;

    /// <summary>The stored states' keys.</summary>
    public IReadOnlyList<string> Keys
    {
        get
        {
            lock (_gate)
                return [.. _states.Keys];
        }
    }

    /// <summary>Forgets everything.</summary>
    public void Clear()
    {
        lock (_gate)
            _states.Clear();
    }

    /// <summary>What is stored under a key.</summary>
    public string? Find(string key)
    {
        lock (_gate)
            return _states.TryGetValue(key, out var state) ? state.Json.ToString() : null;
    }

    /// <summary>Gives a state another version, as another writer would.</summary>
    public void Touch(string key)
    {
        lock (_gate)
            _states[key] = ($"touched-{++_writes}", _states[key].Json);
    }

    /// <summary>Reads a state with its version.</summary>
    public (string Version, BinaryData Json)? Read(string name, GrainId grain)
    {
        lock (_gate)
        {
            ThrowIfLost();
            return _states.TryGetValue(KeyOf(name, grain), out var state) ? state : null;
        }
    }

    /// <summary>Writes a state, or removes it; returns its new version.</summary>
    public string? Write(string name, GrainId grain, string? expected, BinaryData? json)
    {
        lock (_gate)
        {
            ThrowIfLost();
            var key = KeyOf(name, grain);
            var stored = _states.TryGetValue(key, out var state) ? state.Version : null;
            if (stored != expected)
                throw new InconsistentStateException($"Version conflict at {key}.", stored, expected);

            if (json is null)
            {
                _states.Remove(key);
                return null;
            }

            var version = (++_writes).ToString(System.Globalization.CultureInfo.InvariantCulture);
            _states[key] = (version, json);
            return version;
        }
    }

    private static string KeyOf(string name, GrainId grain) => $"{grain.Type}/{grain.Key}/{name}";

    private void ThrowIfLost()
    {
        if (IsLost)
            throw new IOException("The store cannot be reached.");
    }
}
