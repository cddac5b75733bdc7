using Microsoft.Extensions.DependencyInjection;
using Orleans.Serialization;
using Orleans.Storage;
using OrleansChat.Core.Errors;
using OrleansChat.GrainInterfaces.Sessions;
using OrleansChat.GrainInterfaces.Wire;

namespace OrleansChat.Cluster.Tests.Wire;

public sealed class FaultWireTests
{
    [Fact]
    public void AFault_WithACauseOfAnotherLibrary_KeepsItsProblemAndTheCausesText()
    {
        using var services = new ServiceCollection().AddOrleansChatWire().BuildServiceProvider();
        var serializer = services.GetRequiredService<Serializer>();
        var bytes = serializer.SerializeToArray<Exception>(new StorageException("The store is gone.", new ForeignException("Connection refused.")));

        var fault = Assert.IsType<StorageException>(serializer.Deserialize<Exception>(bytes));
        Assert.Equal("The store is gone.", fault.Problem.Detail);
        Assert.Contains("Connection refused.", fault.InnerException!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ARefusal_NamesTheFallbackThatRefuses()
    {
        using var services = new ServiceCollection().AddOrleansChatWire().BuildServiceProvider();
        var serializer = services.GetRequiredService<Serializer>();
        OrleansChatException[] faults =
        [
            new OrleansChatException(Problem.Of(ProblemCode.UpstreamUnavailable, "Lost.")), new StorageException("Lost."),
            new UpstreamException("scripted", UpstreamFailure.Timeout, "late."), new RequestException(Problem.Of(ProblemCode.NotFound, "None.")),
        ];
        foreach (var fault in faults)
        {
            fault.Fallback = "usage-store-to-deny";
            var arrived = serializer.Deserialize<Exception>(serializer.SerializeToArray<Exception>(fault));
            Assert.Equal((fault.GetType(), "usage-store-to-deny"), (arrived!.GetType(), ((OrleansChatException)arrived).Fallback));
        }
    }

    [Fact]
    public void AFault_OfAStaleActivation_KeepsTheKindOfItsCause()
    {
        using var services = new ServiceCollection().AddOrleansChatWire().BuildServiceProvider();
        var serializer = services.GetRequiredService<Serializer>();
        var bytes = serializer.SerializeToArray<Exception>(new StorageException("Stale.", new InconsistentStateException("Version 3, not 2.")));
        Assert.IsType<InconsistentStateException>(serializer.Deserialize<Exception>(bytes)!.InnerException);
    }

    [Fact]
    public void ARefusalOfAStoppingHost_ArrivesAsItWasSent()
    {
        using var services = new ServiceCollection().AddOrleansChatWire().BuildServiceProvider();
        var serializer = services.GetRequiredService<Serializer>();
        Assert.IsType<SiloDrainingException>(serializer.Deserialize<Exception>(serializer.SerializeToArray<Exception>(new SiloDrainingException())));
        Assert.IsType<HostStoppingException>(serializer.Deserialize<Exception>(serializer.SerializeToArray<Exception>(new HostStoppingException())));
    }

    private sealed class ForeignException(string message) : Exception(message);
}
