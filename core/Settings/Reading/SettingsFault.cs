using OrleansChat.Core.Errors;

namespace OrleansChat.Core.Settings.Reading;

/// <summary>A setting that is wrong.</summary>
/// <param name="Key">Its key, such as <c>OrleansChat:Models:0:Route:1</c>, or a file's path.</param>
/// <param name="Value">Its value, secrets masked; null where there is none.</param>
/// <param name="Source">Where it was set; null for what is missing everywhere.</param>
/// <param name="Rule">The rule that it breaks, such as "must be a whole number".</param>
/// <param name="Remedy">What to do about it, as a sentence.</param>
public sealed record SettingsFault(string Key, string? Value, string? Source, string Rule, string Remedy)
{
    /// <summary>The fault in one line.</summary>
    /// <returns>Key, value, source, rule and remedy.</returns>
    public override string ToString()
    {
        var value = Value is null ? "" : $" = '{Value}'";
        var source = Source is null ? "" : $" (from {Source})";
        return $"{Key}{value}{source} {Rule}. {Remedy}";
    }
}

/// <summary>The settings are wrong: the executables print one line for each fault and end with a non-zero exit code.</summary>
/// <param name="faults">The faults, at least one.</param>
public sealed class SettingsFaultsException(IReadOnlyList<SettingsFault> faults) : OrleansChatException(
    Problem.Of(ProblemCode.Internal, string.Join(Environment.NewLine, faults), "Correct the settings and start again."))
{
    /// <summary>The faults.</summary>
    public IReadOnlyList<SettingsFault> Faults { get; } = faults;
}
