namespace OrleansChat.Core.Telemetry;

/// <summary>The names under which metrics and traces are told.</summary>
public static class TelemetryNames
{
    /// <summary>The meter of every instrument of this product.</summary>
    public const string Meter = "OrleansChat";

    /// <summary>The source of every span of this product.</summary>
    public const string Source = "OrleansChat";

    /// <summary>The label and span attribute with an upstream's id.</summary>
    public const string Upstream = "orleanschat.upstream";

    /// <summary>The label and span attribute with a model's id in settings.</summary>
    public const string Model = "orleanschat.model";

    /// <summary>The span attribute with a turn's id.</summary>
    public const string Turn = "orleanschat.turn_id";

    /// <summary>The span attribute with a session's id; the conventions' name for a conversation.</summary>
    public const string Session = "gen_ai.conversation.id";

    /// <summary>The label and span attribute with the kind of failure; absent on success.</summary>
    public const string Error = "error.type";
}
