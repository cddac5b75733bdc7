using OrleansChat.Core.Settings.Reading;

namespace OrleansChat.Core.Settings.Rules;

/// <summary>The Qdrant server.</summary>
internal static class QdrantRules
{
    private const int MaxPrefix = 64;

    /// <summary>Checks the server's settings.</summary>
    public static void Check(QdrantOptions qdrant, SettingsFaults faults)
    {
        if (!Uri.TryCreate(qdrant.Url, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https"))
            faults.Add("Qdrant:Url", "is not an http or https address", $"Write it as '{QdrantOptions.DefaultUrl}'.", qdrant.Url);
        else if (address.UserInfo.Length > 0)
            faults.Add("Qdrant:Url", "holds credentials", "Put the credential into Qdrant:ApiKey.");
        if (qdrant.ApiKey is { Length: > 0 } secret)
            SecretRules.Read("Qdrant:ApiKey", secret, faults);
        if (qdrant.CollectionPrefix.Length > MaxPrefix || !qdrant.CollectionPrefix.All(IsNameCharacter))
            faults.Add("Qdrant:CollectionPrefix", $"must be at most {MaxPrefix} letters, digits, '.', '_' and '-'", "Choose another prefix.", qdrant.CollectionPrefix);
        DurationRules.Check("Qdrant:Timeout", qdrant.Timeout, TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(5), faults);
        DurationRules.Check("Qdrant:CommitDelay", qdrant.CommitDelay, DurationRules.Shortest, TimeSpan.FromSeconds(10), faults);
        DurationRules.Check("Qdrant:DeletionMemory", qdrant.DeletionMemory, DurationRules.Hour, TimeSpan.FromDays(30), faults);
    }

    private static bool IsNameCharacter(char character) => char.IsAsciiLetterOrDigit(character) || character is '.' or '_' or '-';
}
