namespace OrleansChat.Core.Errors.Incidents;

/// <summary>What an operator can do about a pattern of failures.</summary>
internal static class Cures
{
    public static string Of(string layer, string code, UpstreamException? upstream) => (layer, upstream?.Failure) switch
    {
        (_, UpstreamFailure.Unauthorized) => $"Check the ApiKey of upstream '{upstream!.Upstream}'; a file is read again when it changes.",
        (_, UpstreamFailure.NotFound) => $"Upstream '{upstream!.Upstream}' does not know the model or the path: check its BaseUrl and the Route that names it.",
        (_, UpstreamFailure.RateLimited) => $"Set Limits of upstream '{upstream!.Upstream}' to what its account allows, or add another upstream to the route.",
        (_, UpstreamFailure.Timeout) => $"Upstream '{upstream!.Upstream}' is slow: look at its load, raise its timeouts, or add another upstream to the route.",
        (_, UpstreamFailure.Connection) => $"Upstream '{upstream!.Upstream}' cannot be reached: check that it runs, its BaseUrl, and the network between.",
        (_, UpstreamFailure.Protocol) => $"Upstream '{upstream!.Upstream}' breaks its protocol: check its Kind, its version, and what stands between.",
        (_, UpstreamFailure.ServerError) => $"Upstream '{upstream!.Upstream}' fails by itself: look at its status, or add another upstream to the route.",
        ("upstream", _) => "See GET /api/breakers for the upstreams that are left alone and why, or add another upstream to the route.",
        ("storage", _) => "Check space and rights of the data folder, or the state of Redis; component 'journal' or 'redis' of /health tells more.",
        (_, _) when code == ProblemCode.UpstreamUnavailable.Name => "The server takes no more work at the moment: see component 'gateway' of /health.",
        _ => "Search the log for the correlation ids, and report what it says as a defect.",
    };
}
