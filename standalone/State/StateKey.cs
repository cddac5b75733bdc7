namespace OrleansChat.Standalone.State;

/// <summary>The keys of states: <c>state/{kind}/{actor}/{name}</c>, the actor's key escaped so that parts cannot run together.</summary>
internal static class StateKey
{
    /// <summary>What all states' keys begin with.</summary>
    public const string Prefix = "state/";

    /// <summary>The name of an actor's main state.</summary>
    public const string Main = "main";

    /// <summary>The key of one state.</summary>
    public static string Of(string kind, string actor, string name) => $"{Prefix}{kind}/{Uri.EscapeDataString(actor)}/{name}";
}
