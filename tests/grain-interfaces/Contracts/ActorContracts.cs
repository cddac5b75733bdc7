using System.Reflection;
using OrleansChat.Core.Actors;
using OrleansChat.GrainInterfaces.Directory;

namespace OrleansChat.GrainInterfaces.Tests.Contracts;

/// <summary>Every actor interface that the directory hands out, with its grain's interface.</summary>
internal static class ActorContracts
{
    public static IReadOnlyList<(Type Actor, Type Grain)> All { get; } =
        [.. typeof(IActorDirectory).GetMethods().Select(method => method.ReturnType).Distinct().Select(actor => (actor, GrainOf(actor)))];

    /// <summary>The methods of an actor with those that its grain declares anew.</summary>
    public static IEnumerable<(MethodInfo Actor, MethodInfo? Grain)> Methods =>
        from pair in All
        from method in pair.Actor.GetMethods()
        let parameters = method.GetParameters().Select(parameter => parameter.ParameterType).ToArray()
        select (method, pair.Grain.GetMethod(method.Name, BindingFlags.DeclaredOnly | BindingFlags.Public | BindingFlags.Instance, parameters));

    private static Type GrainOf(Type actor) =>
        typeof(GrainDirectory).Assembly.GetTypes().Single(type => type.IsInterface && type.IsAssignableTo(actor) && type != actor);
}
