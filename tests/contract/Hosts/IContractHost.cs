using OrleansChat.Core.Actors;
using OrleansChat.Testing.Chat;

namespace OrleansChat.Contract.Tests.Hosts;

/// <summary>One way to host the actors, with scripted upstreams in place of real ones.</summary>
public interface IContractHost : IAsyncDisposable
{
    /// <summary>The actors.</summary>
    IActorDirectory Actors { get; }

    /// <summary>The upstream of the default model.</summary>
    ScriptedChatClient Upstream { get; }

    /// <summary>Stops in order and starts again over what was stored.</summary>
    /// <param name="patience">How long running turns may go on.</param>
    /// <returns>A task.</returns>
    Task RestartAsync(TimeSpan patience);

    /// <summary>Dies at once and starts again over what was durable at that instant.</summary>
    /// <returns>A task.</returns>
    Task CrashAsync();
}
