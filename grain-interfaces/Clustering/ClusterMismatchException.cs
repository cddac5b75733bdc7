using OrleansChat.Core.Errors;
using OrleansChat.Core.Settings;
using OrleansChat.GrainInterfaces.Wire;

namespace OrleansChat.GrainInterfaces.Clustering;

/// <summary>A process was given names, or is of a version, that do not fit the cluster it would join.</summary>
/// <param name="detail">What does not fit.</param>
/// <param name="remedy">What the operator can do.</param>
public sealed class ClusterMismatchException(string detail, string remedy) : OrleansChatException(Problem.Of(ProblemCode.Internal, detail, remedy))
{
    /// <summary>What the operator can do.</summary>
    public string Remedy { get; } = remedy;

    internal static ClusterMismatchException SecondOwner(ClusterOptions own, string other, string redis) => new(
        $"Cluster '{other}' has living silos over the state of service '{own.ServiceId}' at {redis}; cluster '{own.ClusterId}' would be a second owner of it.",
        $"Join that one with Cluster:ClusterId={other}, stop its silos, or give this cluster a Cluster:ServiceId of its own.");

    internal static ClusterMismatchException OtherVersion(string cluster, int version) => new(
        $"Cluster '{cluster}' speaks version {version} of the wire format, and this process speaks version {WireServices.Version}.",
        "Run silos and gateways of the same or a neighbouring release; docs/operations.md has the steps of an upgrade.");
}
