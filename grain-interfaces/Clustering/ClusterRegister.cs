using System.Globalization;
using System.Text.Json;
using OrleansChat.GrainInterfaces.Wire;
using StackExchange.Redis;

namespace OrleansChat.GrainInterfaces.Clustering;

/// <summary>
/// The clusters that keep their state in one Redis, by name and by the version of what they say to each other. It lets a process that was given a wrong
/// name, or is of another version, say so instead of waiting for ever or becoming a second owner of the same state.
/// </summary>
/// <param name="redis">The connection.</param>
/// <param name="options">The names that this process was given.</param>
public sealed class ClusterRegister(RedisConnection redis, Core.Settings.OrleansChatOptions options)
{
    private const string Key = "orleanschat:clusters";
    private const string Active = "Active";

    /// <summary>A silo writes that it lives every half minute; after this time it is taken for dead.</summary>
    private static readonly TimeSpan SignOfLife = TimeSpan.FromMinutes(2);

    private string Own => NameOf(options.Cluster.ServiceId, options.Cluster.ClusterId);

    /// <summary>Enters a silo's cluster.</summary>
    /// <param name="now">The time.</param>
    /// <returns>A task.</returns>
    /// <exception cref="ClusterMismatchException">Another cluster owns the same state, or the cluster speaks another version.</exception>
    public async Task EnterAsync(DateTimeOffset now)
    {
        var database = (await redis.ConnectAsync()).GetDatabase();
        foreach (var (name, version) in await ReadAsync(database))
        {
            var cluster = name.Split('/')[^1];
            if (!name.StartsWith(options.Cluster.ServiceId + "/", StringComparison.Ordinal))
                continue;

            if (name != Own && await HasLivingSilosAsync(database, cluster, now))
                throw ClusterMismatchException.SecondOwner(options.Cluster, cluster, redis.Address);
            if (name == Own && version != WireServices.Version && await HasLivingSilosAsync(database, cluster, now))
                throw ClusterMismatchException.OtherVersion(Own, version);
        }

        await database.HashSetAsync(Key, Own, WireServices.Version);
    }

    /// <summary>Checks that a gateway speaks its cluster's version.</summary>
    /// <returns>A task.</returns>
    /// <exception cref="ClusterMismatchException">The cluster speaks another version.</exception>
    public async Task CheckAsync()
    {
        var known = await ReadAsync((await redis.ConnectAsync()).GetDatabase());
        if (known.TryGetValue(Own, out var version) && version != WireServices.Version)
            throw ClusterMismatchException.OtherVersion(Own, version);
    }

    /// <summary>Says why no silo may have been found.</summary>
    /// <returns>A hint for the operator; empty for none.</returns>
    public async Task<string> ExplainAsync()
    {
        try
        {
            if (redis.Current is not { } connection)
                return "";

            var known = await ReadAsync(connection.GetDatabase());
            return known.Count == 0 || known.ContainsKey(Own)
                ? "No silo is running, as far as Redis knows."
                : $"Redis knows no such cluster, but {string.Join(", ", known.Keys.Select(static name => $"'{name}'"))} (service/cluster): check Cluster:ServiceId and Cluster:ClusterId.";
        }
        catch (RedisException fault)
        {
            return fault.Message;
        }
    }

    private static string NameOf(string service, string cluster) => $"{service}/{cluster}";

    private static async Task<Dictionary<string, int>> ReadAsync(IDatabase database) =>
        (await database.HashGetAllAsync(Key)).ToDictionary(static entry => entry.Name.ToString(), static entry => (int)entry.Value);

    /// <summary>Reads Orleans' own table of the other cluster.</summary>
    private async Task<bool> HasLivingSilosAsync(IDatabase database, string cluster, DateTimeOffset now)
    {
        var key = Orleans.Clustering.Redis.RedisClusteringOptions.DefaultCreateRedisKey(
            new Orleans.Configuration.ClusterOptions { ServiceId = options.Cluster.ServiceId, ClusterId = cluster });
        foreach (var silo in await database.HashGetAllAsync(key))
        {
            if (IsLiving(silo.Value.ToString(), now))
                return true;
        }

        return false;
    }

    private static bool IsLiving(string row, DateTimeOffset now)
    {
        // The table's own version is a row without a status.
        if (!row.StartsWith('{'))
            return false;

        using var entry = JsonDocument.Parse(row);
        return entry.RootElement.TryGetProperty("Status", out var status) && status.ToString() is Active or "3"
            && entry.RootElement.TryGetProperty("IAmAliveTime", out var alive)
            && DateTimeOffset.TryParse(alive.ToString(), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at)
            && now - at < SignOfLife;
    }
}
