namespace OrleansChat.Core.Costs;

/// <summary>Who used what.</summary>
/// <param name="KeyId">The API key's id.</param>
/// <param name="Team">Its team; null for none.</param>
/// <param name="SessionId">The session; null for a stateless call.</param>
/// <param name="Model">The model's id in settings.</param>
/// <param name="Upstream">The upstream's id; null when none was asked.</param>
public sealed record LedgerSubject(string KeyId, string? Team, string? SessionId, string Model, string? Upstream);
