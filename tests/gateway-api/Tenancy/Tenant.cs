using System.Text;
using OrleansChat.Core.Caching;
using OrleansChat.Core.Settings;
using OrleansChat.GatewayApi.Tests.Hosting;

namespace OrleansChat.GatewayApi.Tests.Tenancy;

/// <summary>A key among others.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Team">Its team; null for none.</param>
internal sealed record Tenant(string Id, string? Team)
{
    /// <summary>Keys whose ids are names of other things as well: of teams, of scopes, of each other but for a separator.</summary>
    public static IReadOnlyList<Tenant> All { get; } = [new("red", "blue"), new("blue", "red"), new("shared", "blue"), new("team", null), new("team-blue", null), new("team.blue", "red")];

    private string Secret => $"sk-{Id}-0123456789";

    /// <summary>A gateway that knows them all, and answers each from a cache of its own.</summary>
    public static OrleansChatOptions Settings { get; } = new()
    {
        ApiKeys = [.. All.Select(tenant => new ApiKeyOptions { Id = tenant.Id, Secret = tenant.Secret, Team = tenant.Team, Cache = CacheScope.Key })],
        Teams = [new TeamOptions { Id = "blue" }, new TeamOptions { Id = "red" }],
        Sessions = new SessionOptions { Search = true },
    };

    /// <summary>Sends a request, its path as it stands: nothing is unescaped or shortened on the way.</summary>
    public async Task<Answer> SendAsync(GatewayHost host, Probe probe)
    {
        var address = new Uri($"http://{host.Address.Authority}{probe.Path}", new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
        using var request = new HttpRequestMessage(new HttpMethod(probe.Method), address);
        request.Headers.Add("x-api-key", Secret);
        foreach (var (name, value) in probe.Headers)
            request.Headers.TryAddWithoutValidation(name, value);
        if (probe.Body is not null)
            request.Content = new StringContent(probe.Body, Encoding.UTF8, "application/json");
        using var response = await host.Client.SendAsync(request);
        return await Answer.ReadAsync(response, isEndless: false);
    }
}

/// <summary>A request that names what may be another's.</summary>
/// <param name="Method">The method.</param>
/// <param name="Path">The path with its query, as it goes over the wire.</param>
/// <param name="Body">The body; null for none.</param>
internal sealed record Probe(string Method, string Path, string? Body = null)
{
    /// <summary>Headers beside the key.</summary>
    public IReadOnlyList<(string Name, string Value)> Headers { get; init; } = [];
}
