using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;
using OrleansChat.Core.Settings;

namespace OrleansChat.Core.Flags;

/// <summary>
/// Decides who has a feature, by the settings as they are now. A share of sessions or keys is chosen by a hash, so that each keeps its answer on
/// every process and through every restart, and raising the share only adds to those who have it.
/// </summary>
/// <param name="settings">The settings.</param>
public sealed class FeatureFlags(IOptionsMonitor<OrleansChatOptions> settings)
{
    /// <summary>Whether answers may come from the cache, for the keys and models that opted in; on where no settings name it.</summary>
    public const string AnswerCache = "answer-cache";

    private const double Parts = uint.MaxValue + 1.0;

    /// <summary>The ids of the configured flags.</summary>
    public IEnumerable<string> Ids => settings.CurrentValue.Flags.Select(flag => flag.Id);

    /// <summary>Whether a caller has a feature.</summary>
    /// <param name="flag">The flag's id.</param>
    /// <param name="keyId">The caller's key.</param>
    /// <param name="sessionId">The session; null where there is none.</param>
    /// <param name="unset">The answer where no settings name the flag.</param>
    /// <returns>Whether it is on.</returns>
    public bool IsOn(string flag, string keyId, string? sessionId = null, bool unset = false)
    {
        foreach (var one in settings.CurrentValue.Flags)
        {
            if (one.Id == flag)
                return one.Keys.Contains(keyId, StringComparer.Ordinal) || (one.On && Share(flag, sessionId ?? keyId) < one.Percent);
        }

        return unset;
    }

    // The flag's id is hashed too, so that a tenth of one flag is not the tenth of every other.
    private static double Share(string flag, string subject)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes($"{flag}/{subject}"), hash);
        return BinaryPrimitives.ReadUInt32BigEndian(hash) / Parts * 100;
    }
}
