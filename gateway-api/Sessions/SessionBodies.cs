using OrleansChat.Core.Sessions;
using OrleansChat.Core.Turns;
using OrleansChat.GatewayApi.Bodies;

namespace OrleansChat.GatewayApi.Sessions;

/// <summary>Limits of a session's settings.</summary>
internal static class SessionRules
{
    public const int MaxTitle = 300;
    public const int MaxModel = 256;
    public const int MaxSystemPrompt = 100_000;
    public const int MaxCollections = 64;
    public const int MaxCollectionName = 64;
    public const int MaxClientTurnId = 200;
    public const int MaxId = 100;
    public const int MaxTtlMinutes = 5_256_000;
    public const decimal MaxBudgetUsd = 1_000_000_000;
}

/// <summary>The body that makes a session.</summary>
internal sealed record CreateSession(SessionSettings Settings) : IBody<CreateSession>
{
    public static bool IsOptional => true;

    public static CreateSession Read(Fields fields, BodyLimits limits) => new(SettingsOf(fields));

    /// <summary>The settings among a body's fields.</summary>
    public static SessionSettings SettingsOf(Fields fields) => new()
    {
        Title = fields.Text("title", SessionRules.MaxTitle),
        Model = fields.Text("model", SessionRules.MaxModel),
        SystemPrompt = fields.Text("systemPrompt", SessionRules.MaxSystemPrompt),
        Collections = fields.Texts("collections", SessionRules.MaxCollections, SessionRules.MaxCollectionName),
        BudgetUsd = fields.Number("budgetUsd", 0, SessionRules.MaxBudgetUsd),
        TtlMinutes = fields.Whole("ttlMinutes", 1, SessionRules.MaxTtlMinutes),
        Shared = fields.Flag("shared") ?? false,
    };
}

/// <summary>The body that changes a session.</summary>
internal sealed record ChangeSession(SessionChanges Changes) : IBody<ChangeSession>
{
    public static ChangeSession Read(Fields fields, BodyLimits limits) => new(new SessionChanges
    {
        Title = fields.Text("title", SessionRules.MaxTitle),
        Model = fields.Text("model", SessionRules.MaxModel),
        SystemPrompt = fields.Text("systemPrompt", SessionRules.MaxSystemPrompt),
        Collections = fields.Texts("collections", SessionRules.MaxCollections, SessionRules.MaxCollectionName),
        Shared = fields.Flag("shared"),
        ActiveMessageId = fields.Text("activeMessageId", SessionRules.MaxId),
    });
}

/// <summary>The body that starts a turn.</summary>
internal sealed record StartTurn(string Message, string? ClientTurnId, string? ParentMessageId, string? Model) : IBody<StartTurn>
{
    public static StartTurn Read(Fields fields, BodyLimits limits) => new(
        fields.RequiredText("message", limits.MaxMessageCharacters),
        fields.Text("clientTurnId", SessionRules.MaxClientTurnId),
        fields.Text("parentMessageId", SessionRules.MaxId),
        fields.Text("model", SessionRules.MaxModel));

    public TurnRequest ToRequest() => new() { Message = Message, ClientTurnId = ClientTurnId, ParentMessageId = ParentMessageId, Model = Model };
}

/// <summary>The body that answers a turn anew.</summary>
internal sealed record RegenerateTurn(string? Model) : IBody<RegenerateTurn>
{
    public static bool IsOptional => true;

    public static RegenerateTurn Read(Fields fields, BodyLimits limits) => new(fields.Text("model", SessionRules.MaxModel));
}
