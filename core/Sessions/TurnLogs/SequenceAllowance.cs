using OrleansChat.Core.Actors;

namespace OrleansChat.Core.Sessions.TurnLogs;

/// <summary>The stored value of <see cref="SequenceAllowance"/>.</summary>
public sealed class AllowanceState
{
    /// <summary>The turn that the allowance is for.</summary>
    public string? TurnId { get; set; }

    /// <summary>The highest sequence number that may have been shown to a reader.</summary>
    public long Allowed { get; set; }
}

/// <summary>
/// How far a turn's sequence numbers may go before they have to be on record. Events themselves are not written one by one; after a crash
/// every number up to the recorded allowance counts as shown, so none is ever used for two different events.
/// </summary>
/// <param name="context">The activation.</param>
/// <param name="turnId">The turn.</param>
/// <param name="allowed">What is on record already.</param>
/// <param name="prove">Fails where this activation does not own the session any more.</param>
internal sealed class SequenceAllowance(IActorContext context, string turnId, long allowed, Func<Task> prove)
{
    /// <summary>Numbers that are allowed by a turn's first write. Each further one allows as many as there were so far, so that a long answer costs few.</summary>
    public const int Block = 64;

    /// <summary>Numbers that are allowed by one write at most: a crash leaves no more than that many without an event of their own.</summary>
    public const int LongestBlock = 512;

    private const string StateName = "allowance";

    private IActorState<AllowanceState>? _state;
    private Task? _writing;
    private long _last = Block;

    /// <summary>What is on record for a turn beyond its own entry; 0 for nothing.</summary>
    public static async ValueTask<long> ReadAsync(IActorContext context, string turnId, CancellationToken cancellationToken)
    {
        var stored = await context.OpenStateAsync<AllowanceState>(StateName, cancellationToken);
        return stored.Value.TurnId == turnId ? stored.Value.Allowed : 0;
    }

    /// <summary>Removes what is stored.</summary>
    public static async ValueTask ClearAsync(IActorContext context)
    {
        var stored = await context.OpenStateAsync<AllowanceState>(StateName, CancellationToken.None);
        await stored.ClearAsync(CancellationToken.None);
    }

    /// <summary>
    /// Completes when a number may be shown. The next block is written in the background when half of the last one is used, so this
    /// waits only for a store that is slower than half a block of events.
    /// </summary>
    public async ValueTask UseAsync(long sequence)
    {
        do
        {
            if (_writing is null or { IsCompletedSuccessfully: true } && sequence > allowed - (_last / 2))
                _writing = ExtendAsync();

            if (sequence <= allowed)
                return;

            await _writing!;
        }
        while (true);
    }

    /// <summary>Completes when no write is under way, so that the next turn's allowance does not meet this one's.</summary>
    public async ValueTask EndAsync()
    {
        if (_writing is { } writing)
            await writing;
    }

    /// <summary>A later turn's allowance, or a higher one of this turn, is by another owner, unless a clock went back: the proof decides.</summary>
    private async Task<IActorState<AllowanceState>> OpenAsync()
    {
        var stored = await context.OpenStateAsync<AllowanceState>(StateName, CancellationToken.None);
        var order = string.CompareOrdinal(stored.Value.TurnId, turnId);
        if (order > 0 || (order == 0 && stored.Value.Allowed > allowed))
            await prove();

        return stored;
    }

    private async Task ExtendAsync()
    {
        _state ??= await OpenAsync();
        var block = Math.Clamp(allowed, Block, LongestBlock);
        _state.Value.TurnId = turnId;
        _state.Value.Allowed = allowed + block;
        await _state.SaveAsync(CancellationToken.None);
        (allowed, _last) = (allowed + block, block);
    }
}
