using OrleansChat.Core.Errors;

namespace OrleansChat.GrainInterfaces.Wire.Faults;

/// <summary>Takes an exception without a class of its own over the wire.</summary>
[RegisterConverter]
public sealed class FaultConverter : IConverter<OrleansChatException, FaultSurrogate>
{
    /// <inheritdoc/>
    public OrleansChatException ConvertFromSurrogate(in FaultSurrogate surrogate) => new(surrogate.ToProblem(), surrogate.ToCause()) { Fallback = surrogate.Fallback };

    /// <inheritdoc/>
    public FaultSurrogate ConvertToSurrogate(in OrleansChatException value) => FaultSurrogate.Of(value);
}

/// <summary>Takes a fault of a request over the wire.</summary>
[RegisterConverter]
public sealed class RequestFaultConverter : IConverter<RequestException, FaultSurrogate>
{
    /// <inheritdoc/>
    public RequestException ConvertFromSurrogate(in FaultSurrogate surrogate) => new(surrogate.ToProblem(), surrogate.ToCause()) { Fallback = surrogate.Fallback };

    /// <inheritdoc/>
    public FaultSurrogate ConvertToSurrogate(in RequestException value) => FaultSurrogate.Of(value);
}

/// <summary>Takes the refusal of a stopping host over the wire.</summary>
[RegisterConverter]
public sealed class HostStoppingConverter : IConverter<HostStoppingException, FaultSurrogate>
{
    /// <inheritdoc/>
    public HostStoppingException ConvertFromSurrogate(in FaultSurrogate surrogate) => new();

    /// <inheritdoc/>
    public FaultSurrogate ConvertToSurrogate(in HostStoppingException value) => FaultSurrogate.Of(value);
}

/// <summary>Takes a failure of the store over the wire.</summary>
[RegisterConverter]
public sealed class StorageFaultConverter : IConverter<StorageException, FaultSurrogate>
{
    /// <inheritdoc/>
    public StorageException ConvertFromSurrogate(in FaultSurrogate surrogate) => new(surrogate.ToProblem().Detail, surrogate.ToCause()) { Fallback = surrogate.Fallback };

    /// <inheritdoc/>
    public FaultSurrogate ConvertToSurrogate(in StorageException value) => FaultSurrogate.Of(value);
}
