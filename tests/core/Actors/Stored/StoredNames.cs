using System.Text.Json;
using OrleansChat.Testing.Stored;

namespace OrleansChat.Core.Tests.Actors.Stored;

/// <summary>Every name by which records that were written long ago are read.</summary>
internal static class StoredNames
{
    /// <summary>A line for each state and each name in it, as hosts write them.</summary>
    public static IReadOnlyList<string> All { get; } =
        [.. StoredTypes.All.Select(state => $"state {JsonNames.Show(state)}"), .. JsonNames.Of(StoredTypes.All, JsonSerializerOptions.Web)];
}
