using System.Buffers.Text;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using OrleansChat.Standalone.Tests.Journals;

namespace OrleansChat.Standalone.Tests.Executable;

/// <summary>What a server leaves on the disk of keys that were made at run time, byte for byte.</summary>
public sealed class StoredSecretTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Secrets_OfKeysMadeAtRunTime_AreInNoFile_ThoughTheKeysAre()
    {
        await using var server = await ServerProcess.StartAsync(_folder.Path);
        var made = await SecretAsync(server, "/api/keys", new { id = "canary-key" });
        var rotated = await SecretAsync(server, "/api/keys/canary-key/rotate", new { });
        Assert.NotEqual(made, rotated);

        // Both are in use, so that both have to be known after a restart.
        foreach (var secret in (string[])[made, rotated])
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/api/limits") { Headers = { { "x-api-key", secret } } };
            using var answer = await server.Http.SendAsync(request);
            Assert.True(answer.IsSuccessStatusCode);
        }

        Assert.Equal(0, await server.StopAsync());
        var files = new Dictionary<string, byte[]>();
        foreach (var file in Directory.EnumerateFiles(_folder.Path, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.None }))
            files.Add(file, await File.ReadAllBytesAsync(file));

        Assert.Contains(files.Values, bytes => Holds(bytes, "canary-key"u8));
        foreach (var secret in (string[])[made, rotated])
        {
            var random = secret["oc-".Length..];
            foreach (var form in (byte[][])[Encoding.UTF8.GetBytes(random), Encoding.Unicode.GetBytes(random), Base64Url.DecodeFromChars(random)])
                Assert.DoesNotContain(files, file => Holds(file.Value, form));
        }
    }

    private static bool Holds(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> sought) => bytes.IndexOf(sought) >= 0;

    private static async Task<string> SecretAsync(ServerProcess server, string path, object body)
    {
        using var response = await server.Http.PostAsJsonAsync(path, body);
        return (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("secret").GetString()!;
    }
}
