using OrleansChat.Core.Actors;
using OrleansChat.Testing.Chat;

namespace OrleansChat.Contract.Tests.Sessions;

/// <summary>A host of actors as the session's suite sees it: whole turns run in it, against a scripted upstream.</summary>
public interface ISessionHost : IAsyncDisposable
{
    /// <summary>The actors.</summary>
    IActorDirectory Actors { get; }

    /// <summary>The upstream of the default model.</summary>
    ScriptedChatClient Upstream { get; }

    /// <summary>Lets time pass for the actors; timers stay as they are.</summary>
    /// <param name="time">How much.</param>
    void Pass(TimeSpan time);

    /// <summary>Stops in order and starts again over what was stored.</summary>
    /// <param name="patience">How long running turns may go on.</param>
    /// <returns>A task.</returns>
    Task RestartAsync(TimeSpan patience);

    /// <summary>Dies at once and starts again over what was durable at that instant.</summary>
    /// <returns>A task.</returns>
    Task CrashAsync();
}

/// <summary>Starts a host for one test.</summary>
public interface ISessionHostFactory
{
    /// <summary>Starts a host.</summary>
    /// <returns>The host, with no state.</returns>
    static abstract Task<ISessionHost> StartAsync();
}
