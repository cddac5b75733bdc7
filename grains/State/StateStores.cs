namespace OrleansChat.Grains.State;

/// <summary>The names of the stores that a silo provides.</summary>
public static class StateStores
{
    /// <summary>The store of all actors' states.</summary>
    public const string Actors = "actors";
}
