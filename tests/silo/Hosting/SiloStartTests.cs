using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using OrleansChat.Testing;

namespace OrleansChat.Silo.Tests.Hosting;

/// <summary>What a start tells of itself, by the executable.</summary>
public sealed class SiloStartTests
{
    [Fact]
    public async Task Start_WithAnUnknownOption_EndsAndNamesIt()
    {
        await using var silo = SiloProcess.Start("--lokal");
        var (code, said) = await silo.EndAsync();

        Assert.Equal(1, code);
        Assert.Contains("'--lokal' is not an option.", said, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_WithWrongSettings_EndsWithAMessageForEach()
    {
        await using var silo = SiloProcess.Start("--OrleansChat:Cluster:ClusterId=", "--OrleansChat:Gateway:DrainTimeout=-00:00:01", "--OrleansChat:Logging:Level=Loud");
        var (code, said) = await silo.EndAsync();

        Assert.Equal(1, code);
        Assert.Contains("Gateway:DrainTimeout", said, StringComparison.Ordinal);
        Assert.Contains("Logging:Level", said, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_OnAnAddressThatIsTaken_EndsAndSaysHowToChooseAnother()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        await using var silo = SiloProcess.Start("--local", $"--OrleansChat:Cluster:SiloUrls=http://127.0.0.1:{((IPEndPoint)taken.LocalEndpoint).Port}");
        var (code, said) = await silo.EndAsync();

        Assert.Equal(1, code);
        Assert.Contains("SiloUrls", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_WithoutRedis_WaitsAndSaysWhatFor()
    {
        var redis = $"127.0.0.1:{FreePorts.Next()}";
        await using var silo = SiloProcess.Start($"--OrleansChat:Cluster:Redis={redis},password=secret-word");

        var line = await silo.WaitForLineAsync("does not answer");

        Assert.Contains(redis, line, StringComparison.Ordinal);
        Assert.DoesNotContain("secret-word", line, StringComparison.Ordinal);
        await silo.WaitForAsync("/live", HttpStatusCode.OK);
        await silo.WaitForAsync("/ready", HttpStatusCode.ServiceUnavailable);
        using var health = JsonDocument.Parse(await silo.Http.GetStringAsync("/live"));
        Assert.Equal("alive", health.RootElement.GetProperty("status").GetString());
    }

    [Fact]
    public async Task Start_Alone_IsReadyAndShowsTheDashboardToAdminKeysOnly()
    {
        await using var silo = SiloProcess.Start(
            "--local", "--OrleansChat:ApiKeys:0:Id=ann", "--OrleansChat:ApiKeys:0:Secret=admin-secret", "--OrleansChat:ApiKeys:0:Admin=true");
        await silo.WaitForAsync("/ready", HttpStatusCode.OK);

        Assert.Equal("""{"status":"healthy"}""", await silo.Http.GetStringAsync("/health"));
        await silo.WaitForAsync("/dashboard/", HttpStatusCode.Unauthorized);
        await silo.WaitForAsync("/api/incidents", HttpStatusCode.Unauthorized);
        silo.Http.DefaultRequestHeaders.Add("x-api-key", "admin-secret");
        using var health = JsonDocument.Parse(await silo.Http.GetStringAsync("/health"));
        Assert.Equal("healthy", health.RootElement.GetProperty("components").GetProperty("membership").GetProperty("status").GetString());
        await silo.WaitForAsync("/dashboard/", HttpStatusCode.OK);
    }

    [Fact]
    public async Task Start_AsksForKeysOnlyWhenItCanBeAnswered()
    {
        await using var silo = SiloProcess.Start("--local");
        await silo.WaitForAsync("/ready", HttpStatusCode.OK);
        await silo.KillAsync();

        var (_, said) = await silo.EndAsync();

        Assert.DoesNotContain("api-keys", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stop_RightAfterTheStart_IsInOrder()
    {
        await using var silo = SiloProcess.Start("--local");
        await silo.WaitForAsync("/ready", HttpStatusCode.OK);
        await silo.StopAsync();

        var (exitCode, said) = await silo.EndAsync();

        Assert.DoesNotContain("Unhandled", said, StringComparison.Ordinal);
        Assert.Equal(0, exitCode);
    }
}
