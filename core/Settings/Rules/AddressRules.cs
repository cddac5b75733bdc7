using OrleansChat.Core.Settings.Reading;

namespace OrleansChat.Core.Settings.Rules;

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
            if (ListenAddress.Parse(url) is not { } address)
                faults.Add("Urls", $"holds '{url}', which is not an address to listen on", Example, options.Urls);
            else if (options.ApiKeys.Count == 0 && !options.AllowAnonymous && !address.IsLocal)
                faults.Add(
                    "Urls",
                    $"listens on '{url}', which other machines can reach, while no API key is configured",
                    "Configure OrleansChat:ApiKeys, listen on 127.0.0.1, or set OrleansChat:AllowAnonymous to true.",
                    options.Urls);
        }
    }
}
