using Microsoft.Extensions.DependencyInjection;
using Orleans.Configuration;
using OrleansChat.Cluster.Tests.Hosts;
using OrleansChat.Core.Actors;
using OrleansChat.Core.Errors;
using OrleansChat.Core.Keys;
using OrleansChat.Testing;

namespace OrleansChat.Cluster.Tests.Faults;

/// <summary>A grain that more calls wait for than its mailbox takes.</summary>
public sealed class MailboxTests
{
    private const int Most = 4;
    private const int Calls = 50;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Calls_BeyondAGrainsMailbox_AreRefusedWithATimeToRetry()
    {
        await using var silos = await TestSilos.StartAsync(more: services =>
        {
            services.AddOptions<SiloMessagingOptions>().PostConfigure(messaging =>
            {
                Assert.Equal(ActorOverload.MostCalls, messaging.MaxEnqueuedRequestsHardLimit);
                messaging.MaxEnqueuedRequestsHardLimit = Most;
            });
        });
        var keys = silos.Actors.ApiKeys();
        await keys.ListAsync(default);
        var slow = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        silos.Store.Free = slow.Task;

        var calls = Enumerable.Range(0, Calls).Select(i => TryAsync(keys, $"{i}")).ToList();
        await TestWait.UntilAsync(() => calls.Count(call => call.IsCompleted) >= Calls - Most - 1);
        slow.SetResult();
        var ends = await Task.WhenAll(calls).WaitAsync(Patience);
        var refused = ends.OfType<RequestException>().ToList();
        Assert.Contains(null, ends);
        Assert.NotEmpty(refused);
        Assert.Equal(Calls, refused.Count + ends.Count(end => end is null));
        Assert.All(refused, fault => Assert.Equal((503, 1.0), (fault.Problem.Status, fault.Problem.RetryAfterSeconds)));

        // Served again as soon as there is room.
        await keys.NoteAsync(["last"], default);
    }

    private static async Task<Exception?> TryAsync(IApiKeysActor keys, string id)
    {
        try
        {
            await keys.NoteAsync([id], default);
            return null;
        }
        catch (Exception fault)
        {
            return fault;
        }
    }
}
