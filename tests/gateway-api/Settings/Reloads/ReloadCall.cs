namespace OrleansChat.GatewayApi.Tests.Settings.Reloads;

/// <summary>A call that was let in, as the settings were then.</summary>
/// <param name="Number">Its number.</param>
/// <param name="Key">Its caller.</param>
/// <param name="IsInTeam">Whether its caller was in the team.</param>
/// <param name="Model">Its model.</param>
/// <param name="Upstream">Who is asked.</param>
/// <param name="Scopes">Whose limits count it.</param>
/// <param name="Payers">The budgets and ledgers that it is booked in.</param>
/// <param name="NanoUsdPerToken">The price.</param>
internal sealed record ReloadCall(
    int Number, string Key, bool IsInTeam, string Model, string Upstream, IReadOnlyList<string> Scopes, ISet<string> Payers, long NanoUsdPerToken)
{
    public long InputTokens => 10 + Number;

    public long OutputTokens => 1 + (Number % 7);

    public long NanoUsd => (InputTokens + OutputTokens) * NanoUsdPerToken;

    /// <summary>Whether its answer comes in pieces, of which the first comes before it is released.</summary>
    public bool IsStream => Number % 2 == 0;

    public string Answer => $"answer {Number}";
}
