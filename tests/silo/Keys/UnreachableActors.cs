using System.Reflection;
using OrleansChat.Core.Actors;
using OrleansChat.Core.Errors;

namespace OrleansChat.Silo.Tests.Keys;

/// <summary>The actors of a cluster that the silo has not joined: no call arrives.</summary>
public class UnreachableActors : DispatchProxy
{
    public static IActorDirectory Create() => Create<IActorDirectory, UnreachableActors>();

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => throw new StorageException("The cluster does not answer.");
}
