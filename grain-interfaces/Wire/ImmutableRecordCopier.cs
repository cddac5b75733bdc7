using System.Diagnostics.CodeAnalysis;
using Orleans.Serialization.Cloning;

namespace OrleansChat.GrainInterfaces.Wire;

/// <summary>Hands a record on as it is where caller and grain share a process: what crosses the wire is immutable, so nobody needs a copy.</summary>
internal sealed class ImmutableRecordCopier : IGeneralizedCopier
{
    /// <inheritdoc/>
    public bool IsSupportedType(Type type) => WireTypes.Contains(type);

    /// <inheritdoc/>
    [return: NotNullIfNotNull(nameof(input))]
    public object? DeepCopy(object? input, CopyContext context) => input;
}
