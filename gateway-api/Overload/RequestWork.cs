using Microsoft.AspNetCore.Http;
using OrleansChat.Core.Upstreams;

namespace OrleansChat.GatewayApi.Overload;

/// <summary>The work of this process on one request: from its arrival to its first byte or its end, less the time that it waits for upstreams, limits or its client.</summary>
/// <param name="places">Where it has a place while it works.</param>
internal sealed class RequestWork(WorkPlaces places) : UpstreamWait
{
    /// <summary>What it is; of another kind than <see cref="WorkKind.Other"/>, its time is compared with that of others.</summary>
    public WorkKind Kind { get; set; }

    /// <summary>Whether it counts as being answered.</summary>
    internal bool IsInFlight { get; set; }

    /// <summary>Its neighbour that began before it, among those that are worked on.</summary>
    internal RequestWork? Earlier { get; set; }

    /// <summary>Its neighbour that began after it.</summary>
    internal RequestWork? Later { get; set; }

    /// <summary>When it began to work, or went on.</summary>
    internal long Since { get; set; }

    /// <summary>For how long it has worked before that.</summary>
    internal TimeSpan Worked { get; set; }

    /// <summary>How long it stood in line for its place.</summary>
    internal TimeSpan InLine { get; set; }

    /// <summary>Whether there was hardly anything else to do when it began.</summary>
    internal bool BeganAlone { get; set; }

    /// <summary>Waits that have not ended.</summary>
    internal int Waits { get; set; }

    /// <summary>Where it stands.</summary>
    internal WorkState State { get; set; }

    /// <summary>The work of a request; null where it is not counted.</summary>
    public static RequestWork? Of(HttpContext context) => context.Features.Get<RequestWork>();

    /// <inheritdoc/>
    public override void Pause() => places.Pause(this);

    /// <inheritdoc/>
    public override void Resume() => places.Resume(this);

    /// <summary>A turn has begun, and runs on by itself.</summary>
    /// <param name="kind">How it was asked for.</param>
    public void LeaveTurn(WorkKind kind = WorkKind.Turn)
    {
        Kind = kind;
        Leave();
    }

    /// <summary>The work is done: what follows is a stream, or a wait of its client for others. It may be said several times.</summary>
    /// <param name="isDone">Whether it came to its end, so that its time tells something.</param>
    public void Leave(bool isDone = true) => places.Leave(this, isDone);
}

/// <summary>Where the work on a request stands.</summary>
internal enum WorkState
{
    /// <summary>It has not begun.</summary>
    New,

    /// <summary>It has a place.</summary>
    Working,

    /// <summary>It waits for an upstream, a limit or its client, and has no place.</summary>
    Waiting,

    /// <summary>It is over.</summary>
    Left,
}
