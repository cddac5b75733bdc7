using OrleansChat.Core.Settings.Reading;

namespace OrleansChat.Core.Settings.Rules;

/// <summary>Where telemetry is sent.</summary>
internal static class TelemetryRules
{
    /// <summary>Checks the collector's address and headers.</summary>
    public static void Check(TelemetryOptions telemetry, SettingsFaults faults)
    {
        if (telemetry.OtlpEndpoint is { } endpoint)
        {
            if (!Uri.TryCreate(endpoint, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https"))
                faults.Add("Telemetry:OtlpEndpoint", "is not an http or https address", "Write it as 'http://127.0.0.1:4317', or leave it out.", endpoint);
            else if (address.UserInfo.Length > 0)
                faults.Add("Telemetry:OtlpEndpoint", "holds credentials", "Put the credential into Telemetry:OtlpHeadersSecret.");
        }

        if (telemetry.OtlpHeadersSecret is not { Length: > 0 } setting || SecretRules.Read("Telemetry:OtlpHeadersSecret", setting, faults) is not { } headers)
            return;
        if (headers.Split(',').Any(pair => pair.IndexOf('=', StringComparison.Ordinal) <= 0))
            faults.Add("Telemetry:OtlpHeadersSecret", "does not hold headers", "Write them as 'name=value', several separated by ','.");
    }
}
