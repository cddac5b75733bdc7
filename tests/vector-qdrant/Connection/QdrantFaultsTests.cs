using Grpc.Core;
using OrleansChat.Core.Errors;
using OrleansChat.Core.Health;
using OrleansChat.VectorQdrant.Connection;
using OrleansChat.VectorQdrant.Health;
using OrleansChat.VectorQdrant.Tests.Simulation;

namespace OrleansChat.VectorQdrant.Tests.Connection;

public sealed class QdrantFaultsTests
{
    [Theory]
    [InlineData(StatusCode.Unavailable, "upstream_unavailable")]
    [InlineData(StatusCode.DeadlineExceeded, "upstream_unavailable")]
    [InlineData(StatusCode.Unauthenticated, "upstream_unavailable")]
    [InlineData(StatusCode.ResourceExhausted, "upstream_unavailable")]
    [InlineData(StatusCode.Internal, "upstream_unavailable")]
    [InlineData(StatusCode.Unimplemented, "upstream_unavailable")]
    [InlineData(StatusCode.InvalidArgument, "internal")]
    public async Task ACallThatFails_FailsWithAProblemThatKeepsTheCause(StatusCode code, string problem)
    {
        var qdrant = new SimulatedQdrant { Before = _ => throw new RpcException(new Status(code, "Scripted.")) };
        var failure = await Assert.ThrowsAnyAsync<OrleansChatException>(async () => await TestStore.Over(qdrant).CountAsync(new("docs", 1), default));
        Assert.Equal(problem, failure.Problem.Code);
        Assert.IsType<RpcException>(failure.InnerException);
    }

    [Fact]
    public async Task CheckAsync_AsksTheServer()
    {
        var qdrant = new SimulatedQdrant();
        using var connection = new QdrantConnection(TestStore.Options, TimeProvider.System, qdrant);
        Assert.Equal(HealthFinding.Healthy, await new QdrantHealth(connection).CheckAsync(default));
        qdrant.Before = _ => throw new RpcException(new Status(StatusCode.Unavailable, "Scripted."));
        await Assert.ThrowsAsync<StorageException>(async () => await new QdrantHealth(connection).CheckAsync(default));
    }

    [Fact]
    public async Task ACallToNobody_FailsAsUnreachable()
    {
        // Port 1 on this machine: nobody listens, and the answer is immediate.
        using var connection = new QdrantConnection(TestStore.Options with { Url = "http://127.0.0.1:1" }, TimeProvider.System);
        var failure = await Assert.ThrowsAsync<StorageException>(async () => await new QdrantHealth(connection).CheckAsync(default));
        Assert.Equal(1, failure.Problem.RetryAfterSeconds);
    }
}
