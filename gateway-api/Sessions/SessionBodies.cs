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
internal sealed record CreateSession(
    string? Title, string? Model, string? SystemPrompt, IReadOnlyList<string>? Collections, decimal? BudgetUsd, int? TtlMinutes)
    : IBody<CreateSession>
{
    public static bool IsOptional => true;

    public static CreateSession Read(Fields fields, BodyLimits limits) => new(
        fields.Text("title", SessionRules.MaxTitle),
        fields.Text("model", SessionRules.MaxModel),
        fields.Text("systemPrompt", SessionRules.MaxSystemPrompt),
        fields.Texts("collections", SessionRules.MaxCollections, SessionRules.MaxCollectionName),
        fields.Number("budgetUsd", 0, SessionRules.MaxBudgetUsd),
        fields.Whole("ttlMinutes", 1, SessionRules.MaxTtlMinutes));

    public SessionSettings ToSettings() => new()
    {
        Title = Title,
        Model = Model,
        SystemPrompt = SystemPrompt,
        Collections = Collections,
        BudgetUsd = BudgetUsd,
        TtlMinutes = TtlMinutes,
    };
}

/// <summary>The body that changes a session.</summary>
internal sealed record ChangeSession(string? Title, string? Model, string? SystemPrompt, IReadOnlyList<string>? Collections) : IBody<ChangeSession>
{
    public static ChangeSession Read(Fields fields, BodyLimits limits) => new(
        fields.Text("title", SessionRules.MaxTitle),
        fields.Text("model", SessionRules.MaxModel),
        fields.Text("systemPrompt", SessionRules.MaxSystemPrompt),
        fields.Texts("collections", SessionRules.MaxCollections, SessionRules.MaxCollectionName));

    public SessionChanges ToChanges() => new() { Title = Title, Model = Model, SystemPrompt = SystemPrompt, Collections = Collections };
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
