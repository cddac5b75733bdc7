using System.Collections.Concurrent;
using OrleansChat.Core.Costs;
using OrleansChat.Core.RateLimiting;
using OrleansChat.Core.Upstreams;
using OrleansChat.Testing;
using OrleansChat.Testing.Actors;
using OrleansChat.Testing.Costs;
using Xunit.Abstractions;

namespace OrleansChat.Core.Tests.Costs.Crashes;

/// <summary>
/// A budget under callers that act at the same time, die, take back and ask again, while its host dies before or after any of its writes: what was promised
/// to a caller who lives is held or charged, and what was not is neither. Held against what the callers alone know.
/// </summary>
public sealed class CostTrackerCrashTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(150, 120, 0)]
    [InlineData(4, 60, 4_200)] // More than one record holds.
    public async Task Host_ThatDiesAtAnyWrite_LosesNothingThatWasPromised(int rounds, int steps, int before)
    {
        var random = Seed.Print(output);
        for (var round = 0; round < rounds; round++)
            await new Round(random.Next()).RunAsync(steps, before);
    }

    private sealed class Round(int seed)
    {
        private static readonly LedgerSubject Subject = new("k", null, null, "m", null);
        private static readonly TimeSpan Lease = RateLimitRequest.DefaultLease;

        private readonly Random _random = new(seed);
        private readonly InMemoryStore _store = new();
        private readonly FakeClock _clock = new();
        private readonly List<KnownOperation> _operations = [];
        private readonly ConcurrentQueue<string> _trace = new();
        private Budget _budget = null!;
        private MortalTracker _host = null!;
        private int _crashes;

        private long Now => _clock.GetTimestamp();

        public async Task RunAsync(int steps, int before)
        {
            _budget = new Budget(_random.Next(500, 5_000) + before, BudgetWindow.Total);
            await OpenAsync();
            await ActAsync([.. Enumerable.Range(0, before).Select(i => new KnownOperation($"before {i}", 1)).Select(ReserveAsync)]);
            for (var step = 0; step < steps; step++)
            {
                // The next record of reservations comes after a second.
                await PassAsync(TimeSpan.FromMilliseconds(_random.Next(12) == 0 ? _random.Next(20_000) : _random.Next(700)));
                if (_random.Next(6) == 0)
                    _host.DieAt(_random.Next(1, 5), written: _random.Next(2) == 0);

                await ActAsync([.. Enumerable.Range(0, _random.Next(1, 6)).Select(_ => Draw()).ToList().Select(act => act())]);
                if (_random.Next(25) == 0)
                    await EndInOrderAsync();

                await CheckAsync();
            }

            await PassAsync(Lease);
            await CheckAsync();
            await PassAsync(Lease + Lease);
            await CheckEndAsync();
        }

        /// <summary>Draws what a caller does next. Of one operation's calls one is under way at a time.</summary>
        private Func<Task> Draw()
        {
            var idle = _operations.Where(operation => !operation.IsBusy).ToList();
            var known = idle.Count == 0 ? null : idle[_random.Next(Math.Max(0, idle.Count - 12), idle.Count)];
            if (known is not null)
                known.IsBusy = true;

            return (known?.State, _random.Next(10)) switch
            {
                (OperationState.Tentative, < 5) => () => ConfirmAsync(known!),
                (OperationState.Tentative, < 9) => () => ReleaseAsync(known!),
                (OperationState.Open, < 3) => () => SettleAsync(known!),
                (OperationState.Open, < 5) => () => ReleaseAsync(known!),
                (OperationState.Open, < 7) => () => RenewAsync(known!),
                (OperationState.Unsettled, _) => () => SettleAsync(known!),
                (OperationState.Gone, < 8) => () => ReserveAsync(known!),
                _ => () => NewAsync(known),
            };
        }

        private Task NewAsync(KnownOperation? passed)
        {
            if (passed is not null)
                passed.IsBusy = false;

            return ReserveAsync(new KnownOperation($"{_operations.Count}", _random.Next(4) == 0 ? _random.Next(400) : _random.Next(12)));
        }

        private async Task ReserveAsync(KnownOperation operation)
        {
            if (!_operations.Contains(operation))
                _operations.Add(operation);

            var tentative = _random.Next(3) != 0;
            operation.Begin(OperationState.Unknown, Now);
            var request = new CostReservationRequest { OperationId = operation.Id, Budget = _budget, NanoUsd = operation.NanoUsd, Subject = Subject, Tentative = tentative };
            if (await CallAsync($"reserve {operation.Id} {operation.NanoUsd} {tentative}", tracker => tracker.ReserveAsync(request, default)) is { } decision)
                operation.End(!decision.Reserved ? OperationState.Gone : tentative ? OperationState.Tentative : OperationState.Open);
        }

        private async Task ConfirmAsync(KnownOperation operation)
        {
            operation.State = OperationState.Unknown;
            if (await CallAsync($"confirm {operation.Id}", async tracker => new Answer(await tracker.ConfirmAsync(operation.Id, default))) is { } stood)
                operation.End(stood.Yes ? OperationState.Open : OperationState.Gone);
        }

        private async Task ReleaseAsync(KnownOperation operation)
        {
            var mayBeCharged = operation.MayBeOver(Now);
            operation.State = OperationState.Unknown;
            if (await CallAsync($"release {operation.Id}", async tracker =>
            {
                await tracker.ReleaseAsync(operation.Id, default);
                return new Answer(true);
            }) is not null)
            {
                operation.End(mayBeCharged ? OperationState.Unknown : OperationState.Gone);
            }
        }

        private async Task RenewAsync(KnownOperation operation)
        {
            if (await CallAsync($"renew {operation.Id}", async tracker => new Answer(await tracker.RenewAsync(operation.Id, Lease, default))) is { Yes: true })
                operation.IsRecorded = true;

            operation.IsBusy = false;
        }

        private async Task SettleAsync(KnownOperation operation)
        {
            operation.State = OperationState.Unsettled;
            operation.Cost ??= _random.NextInt64(operation.NanoUsd + 1);
            if (await CallAsync($"settle {operation.Id} {operation.Cost}", async tracker =>
            {
                await tracker.SettleAsync(new CostSettlement(operation.Id, Subject, TokenUsage.Zero, operation.Cost.Value) { ReservedNanoUsd = operation.NanoUsd }, default);
                return new Answer(true);
            }) is not null)
            {
                operation.End(OperationState.Settled);
            }

            operation.IsBusy = false;
        }

        /// <summary>Calls the tracker, and tells nothing of an answer that the dead would give.</summary>
        private async Task<T?> CallAsync<T>(string what, Func<CostTrackerActor, ValueTask<T>> call)
            where T : class
        {
            var host = _host;
            var answer = await await Task.WhenAny(host.RunAsync<T?>(async tracker => await call(tracker)), host.Dead.ContinueWith(_ => (T?)null, TaskScheduler.Default));
            if (host.Dead.IsCompleted)
                return null;

            _trace.Enqueue($"{what}: {answer}");
            return answer;
        }

        private async Task ActAsync(Task[] calls)
        {
            var all = Task.WhenAll(calls);
            while (!all.IsCompleted)
            {
                // Some wait for what is tentative to be confirmed, taken back or over.
                await _host.SettleDownAsync();
                if (!all.IsCompleted && !_host.Dead.IsCompleted)
                    _clock.Advance(TimeSpan.FromMilliseconds(500));
            }

            await all;
            if (_host.Dead.IsCompleted)
                await CrashedAsync();
        }

        private async Task PassAsync(TimeSpan time)
        {
            _trace.Enqueue($"+{time}");
            _clock.Advance(time);
            await _host.SettleDownAsync();
            if (_host.Dead.IsCompleted)
                await CrashedAsync();
        }

        private async Task CrashedAsync()
        {
            _trace.Enqueue($"crash at {_host.LastWrite}");
            _crashes++;
            foreach (var operation in _operations)
                operation.Crash();

            await OpenAsync();
            await CheckAsync();
        }

        private async Task EndInOrderAsync()
        {
            _trace.Enqueue("end in order");
            _host.Spare();
            await _host.RunAsync(async tracker =>
            {
                await tracker.DeactivateAsync(default);
                return true;
            });
            foreach (var operation in _operations.Where(operation => operation.State == OperationState.Tentative))
                operation.State = OperationState.Gone;

            foreach (var operation in _operations)
                operation.IsRecorded |= operation.State == OperationState.Open;

            await OpenAsync();
        }

        private async Task OpenAsync()
        {
            _host = new MortalTracker(_store, _clock);
            await _host.RunAsync(async tracker =>
            {
                await tracker.ActivateAsync(default);
                return true;
            });
        }

        private async Task CheckAsync()
        {
            _host.Spare();
            var status = await _host.RunAsync(tracker => tracker.DescribeAsync(_budget, default));
            var owed = _operations.Where(operation => operation.IsOwed(Now)).Sum(operation => operation.NanoUsd);
            Assert.True(status.ReservedNanoUsd >= owed, Told($"{status.ReservedNanoUsd} held, {owed} promised"));
            Assert.True(status.SpentNanoUsd + owed <= _budget.LimitNanoUsd, Told($"{status.SpentNanoUsd} spent and {owed} promised of {_budget.LimitNanoUsd}"));
        }

        private async Task CheckEndAsync()
        {
            _host.Spare();
            var status = await _host.RunAsync(tracker => tracker.DescribeAsync(_budget, default));
            var entries = await _host.Tracker.ReadLedgerAsync();

            Assert.Equal(0, status.ReservedNanoUsd);
            Assert.Equal(status.SpentNanoUsd, entries.Sum(entry => entry.NanoUsd));
            var booked = entries.ToLookup(entry => entry.OperationId);
            foreach (var operation in _operations)
            {
                var sum = booked[operation.Id].Sum(entry => entry.NanoUsd);
                var right = operation.State switch
                {
                    OperationState.Settled => sum == operation.Cost,
                    OperationState.Unsettled => sum == operation.Cost || sum == operation.NanoUsd || (sum == 0 && operation.MayBeLost),
                    OperationState.Open => sum == operation.NanoUsd || (sum == 0 && operation.MayBeLost),
                    OperationState.Unknown => sum == 0 || sum == operation.NanoUsd,
                    _ => sum == 0,
                };
                if (!right)
                    Assert.Fail(Told($"{operation} is booked at {sum}", operation.Id));
            }
        }

        /// <summary>What is wrong, and what led to it; of one operation alone where it is about one.</summary>
        private string Told(string what, string? about = null)
        {
            var lines = _trace.Where(line => about is null || line.StartsWith("crash", StringComparison.Ordinal) || line.Contains($" {about}", StringComparison.Ordinal));
            return $"seed {seed}, {_crashes} crashes: {what}\n{string.Join('\n', lines.TakeLast(100))}";
        }

        private sealed record Answer(bool Yes);
    }
}
