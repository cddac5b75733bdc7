using System.Net;
using Microsoft.AspNetCore.Http;
using OrleansChat.Core.Settings;

namespace OrleansChat.GatewayApi.Settings.Rules;

/// <summary>Where to listen, and that nobody but this machine is answered without a key.</summary>
internal static class AddressRules
{
    private const string Example = "Write it as 'http://127.0.0.1:8080', several separated by ';'.";

    /// <summary>Checks the addresses.</summary>
    public static void Check(OrleansChatOptions options, SettingsFaults faults)
    {
        var urls = options.Urls.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (urls.Length == 0)
            faults.Add("Urls", "names no address", Example, options.Urls);
        foreach (var url in urls)
        {
            if (Parse(url) is not { } address)
                faults.Add("Urls", $"holds '{url}', which is not an address to listen on", Example, options.Urls);
            else if (options.ApiKeys.Count == 0 && !options.AllowAnonymous && !IsLocal(address))
                faults.Add(
                    "Urls",
                    $"listens on '{url}', which other machines can reach, while no API key is configured",
                    "Configure OrleansChat:ApiKeys, listen on 127.0.0.1, or set OrleansChat:AllowAnonymous to true.",
                    options.Urls);
        }
    }

    private static BindingAddress? Parse(string url)
    {
        try
        {
            var address = BindingAddress.Parse(url);
            var isWeb = address.Scheme is "http" or "https" && address.PathBase.Length == 0;
            return isWeb && (address.IsUnixPipe || (address.Host.Length > 0 && address.Port is >= 0 and <= IPEndPoint.MaxPort)) ? address : null;
        }
        catch (Exception fault) when (fault is FormatException or InvalidOperationException)
        {
            return null;
        }
    }

    private static bool IsLocal(BindingAddress address) =>
        address.IsUnixPipe
        || address.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(address.Host.Trim('[', ']'), out var ip) && IPAddress.IsLoopback(ip));
}
