using System.Reflection;
using Orleans.Concurrency;
using OrleansChat.Core.Actors;

namespace OrleansChat.GrainInterfaces.Tests.Contracts;

public sealed class GrainInterfaceTests
{
    [Fact]
    public void EveryMethodOfAnActor_IsDeclaredAnewByItsGrain()
    {
        Assert.NotEmpty(ActorContracts.Methods);
        Assert.DoesNotContain(ActorContracts.Methods, pair => pair.Grain is null);
    }

    [Fact]
    public void EveryInterfaceAndMethod_HasAnAlias()
    {
        var interfaces = ActorContracts.All.Select(pair => pair.Grain.GetCustomAttribute<AliasAttribute>()?.Alias).ToList();
        Assert.DoesNotContain(null, interfaces);
        Assert.Equal(interfaces.Count, interfaces.Distinct().Count());
        foreach (var (_, grain) in ActorContracts.All)
        {
            var methods = grain.GetMethods().Where(method => method.DeclaringType == grain).Select(method => method.GetCustomAttribute<AliasAttribute>()?.Alias).ToList();
            Assert.DoesNotContain(null, methods);
            Assert.Equal(methods.Count, methods.Distinct().Count());
        }
    }

    [Fact]
    public void AMethodInterleavesOnTheCluster_WhereTheActorsMarkSaysSo()
    {
        foreach (var (actor, grain) in ActorContracts.Methods)
        {
            var marked = actor.GetCustomAttribute<InterleavesAttribute>() is not null;
            Assert.True(
                marked == (grain!.GetCustomAttribute<AlwaysInterleaveAttribute>() is not null),
                $"{actor.DeclaringType!.Name}.{actor.Name} is {(marked ? "" : "not ")}marked");
        }

        Assert.Contains(ActorContracts.Methods, pair => pair.Actor.GetCustomAttribute<InterleavesAttribute>() is not null);
        Assert.Contains(ActorContracts.Methods, pair => pair.Actor.GetCustomAttribute<InterleavesAttribute>() is null);
    }
}
