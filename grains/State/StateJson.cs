using System.Text.Json;

namespace OrleansChat.Grains.State;

/// <summary>How states are written: as on a single machine, with web names.</summary>
internal static class StateJson
{
    /// <summary>The options of every state.</summary>
    public static JsonSerializerOptions Options => JsonSerializerOptions.Web;
}
