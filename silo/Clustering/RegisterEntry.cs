using OrleansChat.GrainInterfaces.Clustering;
using StackExchange.Redis;

namespace OrleansChat.Silo.Clustering;

/// <summary>Enters the silo's cluster in the register before the silo becomes a member.</summary>
internal sealed class RegisterEntry(ClusterRegister register, TimeProvider time) : ILifecycleParticipant<ISiloLifecycle>
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    public void Participate(ISiloLifecycle lifecycle) =>
        lifecycle.Subscribe(nameof(RegisterEntry), ServiceLifecycleStage.First, EnterAsync, static _ => Task.CompletedTask);

    private async Task EnterAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                await register.EnterAsync(time.GetUtcNow());
                return;
            }
            catch (RedisException)
            {
                // It was there a moment ago; the health route tells of it meanwhile.
                await Task.Delay(Pause, time, cancellationToken);
            }
        }
    }
}
