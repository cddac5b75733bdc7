using OrleansChat.Core.Actors;
using OrleansChat.Core.RateLimiting;

namespace OrleansChat.Core.Costs;

/// <summary>
/// Puts open reservations on record, so that after a crash each is charged when its lease runs out. A reservation is on
/// record about a second after it was made, and one that is settled by then never is.
/// </summary>
internal sealed class ReservationRecord
{
    /// <summary>Reservations in the record itself, and in a chunk.</summary>
    private const int ChunkLength = 4_096;

    /// <summary>The shortest time between two records.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <summary>A longer time for many reservations, so that records take a small share of a processor.</summary>
    private static readonly TimeSpan PausePerReservation = TimeSpan.FromMicroseconds(50);

    private readonly CostBook _book;
    private readonly BookRecord _ledger;
    private readonly IActorContext _context;
    private readonly IActorState<ReservationsState> _state;
    private readonly SteadyClock _clock;
    private readonly StateFlush _flush;
    private long _version;
    private bool _running;
    private bool _ended;

    /// <summary>Makes the record.</summary>
    /// <param name="book">The book.</param>
    /// <param name="ledger">Its ledger.</param>
    /// <param name="context">The host.</param>
    /// <param name="state">The stored record.</param>
    /// <param name="clock">The activation's clock.</param>
    public ReservationRecord(
        CostBook book, BookRecord ledger, IActorContext context, IActorState<ReservationsState> state, SteadyClock clock)
    {
        _book = book;
        _ledger = ledger;
        _context = context;
        _state = state;
        _clock = clock;
        _flush = new StateFlush(SaveAsync, context.Deactivate);
        Entries = state.Value.Entries;
    }

    /// <summary>The stored reservations that no later entry of the ledger names are open.</summary>
    /// <param name="over">The operations named by entries after the record.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>A task.</returns>
    public async ValueTask RestoreAsync(HashSet<string> over, CancellationToken cancellationToken)
    {
        var stored = _state.Value;
        _book.Restore(stored.GrantedNanoUsd);
        over.UnionWith(_book.TakenBack.Recall(stored.Generation));
        Restore(stored.Reservations, over);
        for (var i = 0; i < stored.Chunks; i++)
            Restore((await OpenChunkAsync(stored.Generation, i, cancellationToken)).Value.Reservations, over);

        // What may have been reserved and is not told of is held back until its lease must have run out. Both records bound it.
        var until = _clock.Now + Math.Max(stored.LeaseTicks, RateLimitRequest.DefaultLease.Ticks);
        _book.Balance.HoldBack(
            _book.Granted - stored.GrantedNanoUsd, _ledger.MostReserved - _book.Balance.ReservedNanoUsd, _ledger.WasOpen, until);
        _version = _book.OpenVersion;
    }

    /// <summary>Entries that the ledger had when the durable record was written: an activation that restores it asks for those from there on.</summary>
    public long Entries { get; private set; }

    /// <summary>Records before long.</summary>
    public void Soon()
    {
        if (!_running && !_ended)
            _ = RunAsync();
    }

    /// <summary>Records now.</summary>
    /// <returns>A task that all callers of one write share.</returns>
    public Task FlushAsync() => _flush.FlushAsync();

    /// <summary>Makes the last record.</summary>
    /// <returns>A task.</returns>
    public Task EndAsync()
    {
        _ended = true;
        return _version == _book.OpenVersion && !_flush.IsWriting && _state.Value.GrantedNanoUsd == _book.Granted ? Task.CompletedTask : FlushAsync();
    }

    private async Task RunAsync()
    {
        _running = true;
        try
        {
            while (!_ended && _version != _book.OpenVersion)
            {
                await _clock.UntilAsync(_clock.Now + Math.Max(Pause.Ticks, PausePerReservation.Ticks * _book.Open.Count), CancellationToken.None);

                // What came and went in between is not worth a write.
                if (!_ended && (_book.Open.Count > 0 || _state.Value.Reservations.Count > 0))
                    await FlushAsync();
                else
                    _version = _book.OpenVersion;
            }
        }
        catch (Exception)
        {
            // The activation ends, and whoever needs the record is told by a write of his own.
        }
        finally
        {
            _running = false;
        }
    }

    private async ValueTask SaveAsync(CancellationToken cancellationToken)
    {
        var version = _book.OpenVersion;
        var generation = _state.Value.Generation + 1;
        var (entries, granted) = (_ledger.Entries, _book.Granted);
        var stored = new List<StoredReservation>(_book.Open.Count);
        foreach (var held in _book.Open.All)
        {
            if (held.Tentative)
            {
                granted -= held.NanoUsd;
                continue;
            }

            held.RecordedIn = generation;
            stored.Add(new StoredReservation(held.Id, held.Since, held.NanoUsd, held.LeaseEnd, held.Subject) { FreeTokens = held.FreeTokens });
        }

        var lease = _book.Open.LongestLease(_clock.Now);
        var untold = _book.Balance.UntoldNanoUsd;

        // What this record no longer tells of must be in the durable ledger: the charge of a lease that ran out waits for nobody else's write.
        if (!_ledger.IsCurrent)
            await _ledger.FlushAsync();

        var chunks = await SaveChunksAsync(stored, generation, cancellationToken);
        _state.Value = new ReservationsState
        {
            Generation = generation,
            Chunks = chunks,
            Entries = entries,
            GrantedNanoUsd = granted - untold,
            LeaseTicks = lease,
            Reservations = chunks == 0 ? stored : stored.GetRange(0, ChunkLength),
        };
        await _state.SaveAsync(cancellationToken);
        (_version, Entries) = (version, entries);
        _book.TakenBack.Forget(generation);
    }

    /// <summary>
    /// Writes what does not fit in the record. The chunks are opened before the record proves that this activation still owns the scope: another
    /// owner proves itself before it writes them too, so that one of the two writes of a stale activation is refused by its version.
    /// </summary>
    private async ValueTask<int> SaveChunksAsync(List<StoredReservation> stored, long generation, CancellationToken cancellationToken)
    {
        if (stored.Count <= ChunkLength)
            return 0;

        var chunks = new List<IActorState<ReservationsChunk>>();
        for (var from = ChunkLength; from < stored.Count; from += ChunkLength)
        {
            var chunk = await OpenChunkAsync(generation, chunks.Count, cancellationToken);
            chunk.Value = new ReservationsChunk { Reservations = stored.GetRange(from, Math.Min(ChunkLength, stored.Count - from)) };
            chunks.Add(chunk);
        }

        await _state.SaveAsync(cancellationToken);
        foreach (var chunk in chunks)
            await chunk.SaveAsync(cancellationToken);

        return chunks.Count;
    }

    private ValueTask<IActorState<ReservationsChunk>> OpenChunkAsync(long generation, int chunk, CancellationToken cancellationToken) =>
        _context.OpenStateAsync<ReservationsChunk>($"open/{generation % 2}/{chunk}", cancellationToken);

    private void Restore(List<StoredReservation> reservations, HashSet<string> over)
    {
        foreach (var stored in reservations)
        {
            if (over.Contains(stored.Id))
                continue;

            _book.Restore(new Reservation(stored.Id, stored.Since)
            {
                NanoUsd = stored.NanoUsd,
                FreeTokens = stored.FreeTokens,
                Subject = stored.Subject,
                LeaseEnd = stored.LeaseEnd,
                Deadline = stored.LeaseEnd,
                RecordedIn = _state.Value.Generation,
                IsRestored = true,
            });
        }
    }
}
