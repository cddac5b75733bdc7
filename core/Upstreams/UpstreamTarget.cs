namespace OrleansChat.Core.Upstreams;

/// <summary>A model at an upstream, written <c>upstream/model</c>; the model's name may itself hold slashes.</summary>
/// <param name="Upstream">The upstream's id.</param>
/// <param name="Model">The model's name there.</param>
public readonly record struct UpstreamTarget(string Upstream, string Model)
{
    /// <summary>Reads <c>upstream/model</c>.</summary>
    /// <param name="text">The text.</param>
    /// <param name="target">The target.</param>
    /// <returns>Whether the text has both parts.</returns>
    public static bool TryParse(string? text, out UpstreamTarget target)
    {
        var slash = text?.IndexOf('/', StringComparison.Ordinal) ?? -1;
        if (slash <= 0 || slash == text!.Length - 1)
        {
            target = default;
            return false;
        }

        target = new UpstreamTarget(text[..slash], text[(slash + 1)..]);
        return true;
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Upstream}/{Model}";
}
