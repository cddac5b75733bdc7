// Compiled into silos too, where some of these usings are implicit.
#pragma warning disable IDE0005
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Options;
using OrleansChat.Core.Settings;
#pragma warning restore IDE0005

namespace OrleansChat.GatewayApi.Security;

/// <summary>
/// Counts keys that were not known, by the address that sent them, minute by minute. Who sends too many is not answered until the minute is over, whatever
/// it sends: guessing keys is slow, and costs the server nothing. Addresses of IPv6 count by their network of 64 bits, which one client can fill.
/// </summary>
internal sealed class AuthenticationFailures(IOptions<OrleansChatOptions> options, TimeProvider clock)
{
    private const int MostAddresses = 10_000;
    private const int NetworkBytes = 8;
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    private readonly int _most = options.Value.Gateway.MaxAuthenticationFailuresPerMinute;
    private readonly ConcurrentDictionary<IPAddress, Minute> _minutes = new();

    /// <summary>How long an address is not answered any more.</summary>
    /// <param name="address">The address; null for a Unix socket, whose callers are of this machine.</param>
    /// <returns>The time; null where it is answered.</returns>
    public TimeSpan? BlockedFor(IPAddress? address)
    {
        if (_most == 0 || address is null || !_minutes.TryGetValue(NetworkOf(address), out var minute) || Volatile.Read(ref minute.Count) < _most)
            return null;
        var left = Window - clock.GetElapsedTime(minute.Began);
        return left > TimeSpan.Zero ? left : null;
    }

    /// <summary>An address has sent a key that is not known.</summary>
    /// <param name="address">The address.</param>
    public void Count(IPAddress? address)
    {
        if (_most == 0 || address is null)
            return;
        if (_minutes.Count >= MostAddresses)
            ForgetOld();
        var now = clock.GetTimestamp();
        var minute = _minutes.AddOrUpdate(
            NetworkOf(address),
            static (_, began) => new Minute(began),
            (_, known, began) => clock.GetElapsedTime(known.Began, began) < Window ? known : new Minute(began),
            now);
        Interlocked.Increment(ref minute.Count);
    }

    // Full of addresses that are all of this minute, the table is emptied: to forget is better than to run out of memory.
    private void ForgetOld()
    {
        foreach (var (address, minute) in _minutes)
        {
            if (clock.GetElapsedTime(minute.Began) >= Window)
                _minutes.TryRemove(address, out _);
        }

        if (_minutes.Count >= MostAddresses)
            _minutes.Clear();
    }

    private static IPAddress NetworkOf(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
            return address.MapToIPv4();
        if (address.AddressFamily is not AddressFamily.InterNetworkV6)
            return address;
        var bytes = address.GetAddressBytes();
        bytes.AsSpan(NetworkBytes).Clear();
        return new IPAddress(bytes);
    }

    private sealed class Minute(long began)
    {
        public int Count;

        public long Began { get; } = began;
    }
}
