namespace OrleansChat.GatewayApi.Tests.Hosting;

/// <summary>The file of an upstream's secret, in a folder of its own.</summary>
internal sealed class SecretFile : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("orleanschat-secret-");

    public SecretFile(string secret) => Write(secret);

    private string Place => Path.Combine(_folder.FullName, "upstream");

    /// <summary>Starts a gateway whose upstream has this secret.</summary>
    public Task<GatewayHost> StartAsync(string upstreamUrl)
    {
        var options = GatewayHost.With(upstreamUrl);
        return GatewayHost.StartAsync(options with { Upstreams = [options.Upstreams[0] with { ApiKey = $"file:{Place}" }] });
    }

    public void Write(string secret) => File.WriteAllText(Place, secret);

    public void Delete() => File.Delete(Place);

    public void Dispose() => _folder.Delete(recursive: true);
}
