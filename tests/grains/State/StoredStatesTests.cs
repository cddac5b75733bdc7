using Microsoft.Extensions.Options;
using Orleans.Serialization;
using Orleans.Storage;
using OrleansChat.GrainInterfaces.Tests.Wire;
using OrleansChat.Grains.Hosting;
using OrleansChat.Grains.State;
using OrleansChat.Testing.Stored;

namespace OrleansChat.Grains.Tests.State;

/// <summary>Every state, written by the serializer that a silo uses and read back by it, with every member set.</summary>
public sealed class StoredStatesTests
{
    private readonly SystemTextJsonGrainStorageSerializer _serializer = new(Options.Create(new SystemTextJsonGrainStorageSerializerOptions()));

    public static TheoryData<Type> States => [.. StoredTypes.All];

    [Fact]
    public void EveryGrainOfAnActor_IsCovered() => Assert.Superset(StatesOfGrains.ToHashSet(), StoredTypes.All.ToHashSet());

    private static IEnumerable<Type> StatesOfGrains =>
        from grain in typeof(GrainServices).Assembly.GetTypes()
        where grain.BaseType is { IsGenericType: true } parent && parent.GetGenericTypeDefinition() == typeof(ActorGrain<,>)
        select grain.BaseType!.GetGenericArguments()[1];

    [Theory]
    [MemberData(nameof(States))]
    public void AState_WithEveryMemberSet_IsReadAsItWasWritten(Type state)
    {
        var written = Samples.Of(state).Single();
        Assert.Equivalent(written, Store(state, written), strict: true);
    }

    [Theory]
    [MemberData(nameof(States))]
    public void AState_AsItBegins_IsReadAsItWasWritten(Type state)
    {
        var written = Activator.CreateInstance(state)!;
        Assert.Equivalent(written, Store(state, written), strict: true);
    }

    private object Store(Type state, object value) =>
        GetType().GetMethod(nameof(StoreAs), System.Reflection.BindingFlags.NonPublic | System.Reflection.BindingFlags.Instance)!
            .MakeGenericMethod(state).Invoke(this, [value])!;

    private object StoreAs<T>(T value)
        where T : class, new()
    {
        var bytes = _serializer.Serialize(new Snapshot<T>(value));
        return _serializer.Deserialize<Snapshot<T>>(bytes)!.Value!;
    }
}
