namespace OrleansChat.GatewayApi.SimpleChat;

/// <summary>
/// A version of <c>POST /chat</c>: what it takes, and how it tells an answer. All versions share the one way to an answer, and no answer of one
/// is made from another's, so that a version grows alone.
/// </summary>
internal abstract class SimpleChatVersion
{
    /// <summary>The versions, oldest first. A request that names none means the first.</summary>
    public static IReadOnlyList<SimpleChatVersion> All { get; } = [new First(), new Second()];

    /// <summary>Its name in <c>api_version</c>.</summary>
    public abstract string Name { get; }

    /// <summary>Whether it takes <c>optimization_hints</c>; a version that does not passes over them.</summary>
    public abstract bool TakesHints { get; }

    /// <summary>The answer as this version tells it.</summary>
    public abstract object Tell(SimpleChatTurn turn);

    /// <summary>The version of a name; null for one that is not known.</summary>
    public static SimpleChatVersion? Find(string? name) => name is null ? All[0] : All.FirstOrDefault(version => version.Name == name);

    private sealed class First : SimpleChatVersion
    {
        public override string Name => "v1";

        public override bool TakesHints => false;

        public override object Tell(SimpleChatTurn turn) => new SimpleChatAnswer(true, turn.Text, turn.SessionId, turn.TurnId, turn.End.Model, Name);
    }

    private sealed class Second : SimpleChatVersion
    {
        public override string Name => "v2";

        public override bool TakesHints => true;

        public override object Tell(SimpleChatTurn turn)
        {
            var usage = turn.End.Usage;
            return new SimpleChatAnswerV2(
                true,
                turn.Text,
                turn.SessionId,
                turn.TurnId,
                turn.End.Model,
                Name,
                new SimpleChatUsage(usage.InputTokens, usage.OutputTokens, usage.Estimated, turn.End.CostUsd),
                turn.Mode)
            {
                Fallbacks = turn.End.Fallbacks,
            };
        }
    }
}
