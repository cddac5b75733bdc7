using OrleansChat.Core.Costs.Alerts;
using OrleansChat.Core.RateLimiting;
using OrleansChat.Core.Settings.Reading;

namespace OrleansChat.Core.Settings.Rules;

/// <summary>Budgets, wherever they stand, and their alerts.</summary>
internal static class BudgetRules
{
    private const int MostPercent = 1_000;

    /// <summary>Checks all budgets.</summary>
    public static void Check(OrleansChatOptions options, SettingsFaults faults)
    {
        string[] models = [.. options.Models.Select(model => model.Id), ModelOptions.DefaultId, options.Embeddings.Model];
        if (options.Search.RerankModel is { } reranker)
            models = [.. models, reranker];
        foreach (var (i, key) in options.ApiKeys.Index())
            Check($"ApiKeys:{i}:Budget", key.Budget, models, faults);
        foreach (var (i, team) in options.Teams.Index())
            Check($"Teams:{i}:Budget", team.Budget, models, faults);
        Check("Org:Budget", options.Org.Budget, models, faults);
        CheckAlerts(options.BudgetAlerts, faults);
    }

    private static void Check(string key, BudgetOptions? budget, string[] models, SettingsFaults faults)
    {
        if (budget is null)
            return;

        foreach (var (i, percent) in budget.Thresholds.Index())
        {
            if (percent is < 1 or > MostPercent)
                faults.Add($"{key}:Thresholds:{i}", $"must be a percentage from 1 to {MostPercent}", "Write four fifths of the budget as 80.", $"{percent}");
            else if (budget.Thresholds.Take(i).Contains(percent))
                faults.Add($"{key}:Thresholds:{i}", "is there twice", "Name each threshold once.", $"{percent}");
        }

        foreach (var (model, tokens) in budget.FreeTokens)
        {
            if (tokens is < 0 or > RateLimitRequest.MostTokens)
                faults.Add($"{key}:FreeTokens:{model}", $"must be from 0 to {RateLimitRequest.MostTokens}", "Choose a value in that range.", $"{tokens}");
            if (!models.Contains(model))
            {
                var remedy = NearestName.Find(model, models) is { } nearest ? $"Did you mean '{nearest}'?" : $"Use one of: {string.Join(", ", models.Distinct())}.";
                faults.Add($"{key}:FreeTokens:{model}", "names a model that is not configured", remedy);
            }
        }
    }

    private static void CheckAlerts(BudgetAlertOptions alerts, SettingsFaults faults)
    {
        DurationRules.Check("BudgetAlerts:Timeout", alerts.Timeout, TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(5), faults);
        if (alerts.Webhook is not { } url)
        {
            if (alerts.Secret is not null)
                faults.Add("BudgetAlerts:Secret", "signs nothing without a webhook", "Set BudgetAlerts:Webhook, or remove the secret.");
            return;
        }

        if (!Uri.TryCreate(url, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https"))
            faults.Add("BudgetAlerts:Webhook", "is not an http or https address", "Write it as 'https://example.org/hooks/budget'.", url);
        else if (address.UserInfo.Length > 0)
            faults.Add("BudgetAlerts:Webhook", "holds credentials", "Let the receiver check the signature that BudgetAlerts:Secret makes.");
        if (SecretRules.Read("BudgetAlerts:Secret", alerts.Secret ?? "", faults) is { } secret && !WebhookSecret.TryRead(secret, out _))
            faults.Add("BudgetAlerts:Secret", "begins with 'whsec_' but is not base64 after that", "Write whsec_ and base64, or any other text.");
    }
}
