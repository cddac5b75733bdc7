using System.Net.Http.Json;
using System.Text;
using System.Text.Json;

namespace OrleansChat.Standalone.Tests.Executable;

/// <summary>Bodies as clients write and read them.</summary>
internal static class Json
{
    public static StringContent Body(string json) => new(json, Encoding.UTF8, "application/json");

    public static async Task<JsonElement> ReadAsync(HttpResponseMessage response)
    {
        response.EnsureSuccessStatusCode();
        return await response.Content.ReadFromJsonAsync<JsonElement>();
    }
}
