using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Serialization;
using OrleansChat.Core.Errors;
using OrleansChat.GrainInterfaces.RateLimiting;
using OrleansChat.GrainInterfaces.Tests.Contracts;
using OrleansChat.GrainInterfaces.Wire;

namespace OrleansChat.GrainInterfaces.Tests.Wire;

public sealed class WireTests : IDisposable
{
    private readonly ServiceProvider _services = new ServiceCollection().AddSerializer().AddOrleansChatWire().BuildServiceProvider();

    public void Dispose() => _services.Dispose();

    public static TheoryData<Type> Types => [.. Crossing];

    /// <summary>What crosses the wire as JSON: parameters and results of every method of every grain.</summary>
    private static IReadOnlyList<Type> Crossing { get; } =
    [
        .. ActorContracts.All.SelectMany(pair => pair.Grain.GetMethods().Concat(pair.Actor.GetMethods()))
            .SelectMany(method => method.GetParameters().Select(parameter => parameter.ParameterType).Append(ResultOf(method.ReturnType)))
            .Where(type => !type.IsAssignableTo(typeof(IAddressable)) && !type.IsEnum && type != typeof(CancellationToken) && type != typeof(ValueTask) && type.Namespace!.StartsWith(nameof(OrleansChat), StringComparison.Ordinal))
            .Distinct()
            .OrderBy(type => type.FullName, StringComparer.Ordinal),
    ];

    [Theory]
    [MemberData(nameof(Types))]
    public void EveryParameterAndResult_ArrivesAsItWasSent(Type type)
    {
        foreach (var sent in Samples.Of(type))
        {
            var arrived = Send(sent);

            Assert.Equal(sent.GetType(), arrived.GetType());
            Assert.Equal(TextOf(sent), TextOf(arrived));
        }
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void ARecordSharedInOneProcess_IsNotCopied(Type type)
    {
        var sent = Samples.Of(type).First();
        Assert.True(ReferenceEquals(sent, _services.GetRequiredService<DeepCopier>().Copy(sent)));
    }

    [Fact]
    public void TheMethodsBesideTheActors_AreCoveredToo()
    {
        Assert.Contains(typeof(AcquireBatch), Crossing);
        Assert.Contains(typeof(AcquireBatchDecisions), Crossing);
    }

    [Fact]
    public void AFaultOfARequest_ArrivesWithItsProblem()
    {
        var sent = new RequestException(FullProblem(ProblemCode.RateLimited), new InvalidOperationException("inner"));
        var arrived = Assert.IsType<RequestException>(Send(sent));
        Assert.Equal(TextOf(sent.Problem), TextOf(arrived.Problem));
        Assert.Contains("inner", arrived.InnerException!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AFaultOfAnUpstream_ArrivesWithItsProblemAndKind()
    {
        var sent = new UpstreamException("up", UpstreamFailure.RateLimited, "busy") { StatusCode = 429, RetryAfter = TimeSpan.FromSeconds(3) };
        var arrived = Assert.IsType<UpstreamException>(Send(sent));
        Assert.Equal(TextOf(sent.Problem), TextOf(arrived.Problem));
        Assert.Equal(("up", UpstreamFailure.RateLimited, 429, TimeSpan.FromSeconds(3)), (arrived.Upstream, arrived.Failure, arrived.StatusCode, arrived.RetryAfter));
    }

    [Fact]
    public void AFaultOfTheStore_ArrivesWithItsProblemAndRetryTime()
    {
        var sent = new StorageException("The store is gone.", new IOException("cable"));
        var arrived = Assert.IsType<StorageException>(Send(sent));
        Assert.Equal(TextOf(sent.Problem), TextOf(arrived.Problem));
        Assert.Equal(StorageException.RetrySeconds, arrived.Problem.RetryAfterSeconds);
    }

    [Fact]
    public void AnyOtherFaultOfTheProduct_ArrivesWithItsProblem()
    {
        var sent = new OrleansChatException(FullProblem(ProblemCode.Internal));
        Assert.Equal(TextOf(sent.Problem), TextOf(Assert.IsType<OrleansChatException>(Send(sent)).Problem));
    }

    private static Problem FullProblem(ProblemCode code) =>
        Problem.Of(code, "What happened.", "First.", "Second.") with { RetryAfterSeconds = 1.25, Subject = "key:a requestsPerMinute" };

    private static Type ResultOf(Type returned) => returned.IsGenericType ? returned.GetGenericArguments()[0] : returned;

    private static string TextOf(object value) => JsonSerializer.Serialize(value, value.GetType());

    private object Send(object value)
    {
        var serializer = _services.GetRequiredService<Serializer>();
        return serializer.Deserialize<object>(serializer.SerializeToArray<object>(value))!;
    }
}
