using OrleansChat.Core.Costs;
using OrleansChat.Core.Keys;

namespace OrleansChat.Core.Search.Metering;

/// <summary>Who pays for the models that search asks.</summary>
/// <param name="Key">The key whose budget and limits, and whose team's, a call has to pass, and whose ledger it is booked in.</param>
public sealed record SearchPayer(ApiKey Key)
{
    /// <summary>The server itself, where no key asked: migrations, and a new model's dimension. Only the organisation's budget bounds it.</summary>
    public static SearchPayer System { get; } = new(new ApiKey { Id = ApiKey.SystemId }) { IsPatient = true };

    /// <summary>The session of a turn's search; null for none.</summary>
    public string? SessionId { get; init; }

    /// <summary>That session's own budget; null for none.</summary>
    public Budget? SessionBudget { get; init; }

    /// <summary>Whether the call belongs to a turn or a request that has passed the limits of key and team: they are not asked again.</summary>
    public bool IsPartOfRequest { get; init; }

    /// <summary>Whether a refusal that passes soon is waited out, since nobody waits for the answer.</summary>
    public bool IsPatient { get; init; }
}
