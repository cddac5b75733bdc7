using OrleansChat.Core.RateLimiting;
using OrleansChat.Testing;
using Xunit.Abstractions;

namespace OrleansChat.Core.Tests.RateLimiting;

public sealed class PatientLineTests(ITestOutputHelper output)
{
    private static readonly long Start = new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero).UtcTicks;

    private readonly LimitedScope _scope = new();

    private PatientLine Line => field ??= new PatientLine(_scope);

    [Fact]
    public async Task EveryMove_InRandomOrder_LetsInAndRefusesAsTheNaiveLineDoes()
    {
        var random = Seed.Print(output);
        for (var round = 0; round < 200; round++)
            await new Round(random).PlayAsync(steps: 200);
    }

    [Fact]
    public void Move_WhenTheFirstDoesNotFit_LetsNoLaterOnePass()
    {
        var limits = new RateLimits { TokensPerMinute = 10 };
        _scope.Admit(Ask("a", limits, tokens: 8), Start);
        var large = Join("large", limits, tokens: 5);
        var small = Join("small", limits, tokens: 1);

        Line.Move(Start, mayLetIn: true);

        Assert.False(large.IsCompleted || small.IsCompleted);
        Assert.Equal(Start + TimeSpan.TicksPerMinute, Line.MovesAt(Start));
    }

    [Fact]
    public async Task Move_AtTheDeadline_RefusesWithTheTimeAtWhichItWouldPass()
    {
        var limits = new RateLimits { RequestsPerMinute = 1 };
        _scope.Admit(Ask("a", limits), Start);
        var waiting = Join("b", limits, wait: TimeSpan.FromSeconds(10));

        MoveTo(Start + TimeSpan.FromSeconds(10).Ticks - 1);
        Assert.False(waiting.IsCompleted);
        MoveTo(Start + TimeSpan.FromSeconds(10).Ticks);

        Assert.Equal(new LimitVerdict(LimitName.RequestsPerMinute, Start + TimeSpan.TicksPerMinute), await waiting);
        Assert.Equal(1, _scope.Open.Count);
    }

    [Fact]
    public async Task Move_WhenAPlaceIsNotAskedForAnyMore_GivesItUp()
    {
        var limits = new RateLimits { MaxConcurrent = 1 };
        _scope.Admit(Ask("a", limits), Start);
        var dead = Line.Join(Ask("dead", limits), long.MaxValue, keptUntil: Start + 10);
        var next = Join("next", limits);
        MoveTo(Start + 10);
        _scope.Settle("a", 0, Start + 10);

        MoveTo(Start + 10);

        Assert.False((await dead).Fits);
        Assert.True((await next).Fits);
    }

    [Fact]
    public void Admit_FromTheLine_IsTentativeButKeepsNobodyWaiting()
    {
        var limits = new RateLimits { MaxConcurrent = 1 };
        Join("a", limits);
        MoveTo(Start);

        Assert.Equal((1, 0), (_scope.Open.Named.Tentative, _scope.Open.Contested));
        Assert.True(_scope.TryDecide(Ask("b", limits), take: true, Start, out var verdict, out _));
        Assert.False(verdict.Fits);

        MoveTo(Start + RateLimitRequest.TentativeLease.Ticks);
        Assert.Equal((0, 0), (_scope.Open.Count, _scope.Open.Contested));
    }

    [Fact]
    public async Task Join_UnderRaisedLimits_LetsThoseInWhoCameBefore()
    {
        var limits = new RateLimits { RequestsPerMinute = 1 };
        _scope.Admit(Ask("a", limits), Start);
        var first = Join("first", limits);
        var second = Join("second", limits with { RequestsPerMinute = 2 });

        MoveTo(Start);

        Assert.True((await first).Fits);
        Assert.False(second.IsCompleted);
    }

    [Fact]
    public async Task Join_UnderLoweredLimits_LeavesThoseWhoCameBeforeTheirs()
    {
        var limits = new RateLimits { MaxConcurrent = 2 };
        _scope.Admit(Ask("a", limits), Start);
        _scope.Admit(Ask("b", limits), Start);
        var first = Join("first", limits);
        var second = Join("second", limits with { MaxConcurrent = 1 });

        _scope.Release("a");
        MoveTo(Start);
        _scope.Release("b");
        MoveTo(Start);

        Assert.True((await first).Fits);
        Assert.False(second.IsCompleted);
    }

    [Fact]
    public async Task Hear_OfOneWhoHasWaitedBefore_TellsNobodyOfHisLimits()
    {
        var high = new RateLimits { MaxConcurrent = 9 };
        _scope.Admit(Ask("a", new RateLimits { MaxConcurrent = 1 }), Start);
        var early = Line.Join(Ask("early", new RateLimits { MaxConcurrent = 1 }), Start + 1, long.MaxValue);
        var later = Join("later", new RateLimits { MaxConcurrent = 1 });
        MoveTo(Start + 1);
        Assert.False((await early).Fits);

        Assert.False(Line.Hear(Ask("early", high)));
        MoveTo(Start + 2);

        Assert.False(later.IsCompleted);
    }

    [Fact]
    public void Join_OfAPlaceThatIsKept_KeepsItsOrder()
    {
        var limits = new RateLimits { MaxConcurrent = 1 };
        _scope.Admit(Ask("a", limits), Start);
        var first = Join("first", limits);
        var second = Join("second", limits);
        Assert.Same(first, Join("first", limits));

        _scope.Release("a");
        MoveTo(Start + 1);

        Assert.True(first.IsCompleted);
        Assert.False(second.IsCompleted);
    }

    private static RateLimitRequest Ask(string id, RateLimits limits, long tokens = 0) => new() { OperationId = id, Limits = limits, Tokens = tokens };

    private Task<LimitVerdict> Join(string id, RateLimits limits, long tokens = 0, TimeSpan? wait = null) =>
        Line.Join(Ask(id, limits, tokens), Start + (wait ?? TimeSpan.FromHours(1)).Ticks, long.MaxValue);

    private void MoveTo(long now)
    {
        _scope.Advance(now);
        Line.Move(now, mayLetIn: true);
    }

    /// <summary>One line beside its naive twin, through random arrivals, ends and deadlines.</summary>
    private sealed class Round
    {
        private readonly Random _random;
        private readonly LimitedScope _scope = new();
        private readonly PatientLine _line;
        private readonly NaiveScope _naive = new();
        private readonly List<(RateLimitRequest Request, RateLimits Later, long Deadline)> _waiting = [];
        private readonly Dictionary<string, Task<LimitVerdict>> _verdicts = [];
        private readonly Dictionary<string, bool> _expected = [];
        private RateLimits _limits;
        private long _now = Start;

        public Round(Random random)
        {
            _random = random;
            _line = new PatientLine(_scope);
            _limits = AnyLimits();
        }

        public async Task PlayAsync(int steps)
        {
            for (var step = 0; step < steps; step++)
            {
                await PassTimeAsync();
                var open = _naive.Open(_now).ToList();
                var id = open.Count > 0 ? open[_random.Next(open.Count)] : "nobody";
                switch (_random.Next(6))
                {
                    case 0:
                        _scope.Settle(id, 50, _now);
                        _naive.Settle(id, 50, _now);
                        break;
                    case 1:
                        _scope.Confirm(id);
                        _naive.Confirm(id, _now);
                        break;
                    case 2 when _waiting.Count > 0:
                        var leaving = _waiting[_random.Next(_waiting.Count)];
                        _line.Leave(leaving.Request.OperationId);
                        _waiting.Remove(leaving);
                        break;
                    case 3 when _random.Next(5) == 0:
                        ChangeLimits(step);
                        break;
                    default:
                        Arrive($"op-{step}");
                        break;
                }

                _line.Move(_now, mayLetIn: true);
                MoveNaively();
                await CompareAsync();
            }
        }

        private RateLimits AnyLimits() => new()
        {
            RequestsPerMinute = _random.Next(1, 20),
            TokensPerMinute = _random.Next(2) == 0 ? null : _random.Next(120, 500),
            MaxConcurrent = _random.Next(2) == 0 ? null : _random.Next(1, 8),
            Pacing = _random.Next(3) == 0 ? Pacing.Smooth : Pacing.Window,
        };

        /// <summary>Somebody who does not wait tells of other limits.</summary>
        private void ChangeLimits(int step)
        {
            // How a spacing goes over into another is no matter of the line.
            var pace = _limits;
            _limits = AnyLimits() with { Pacing = pace.Pacing };
            if (pace.Pacing == Pacing.Smooth)
                _limits = _limits with { RequestsPerMinute = pace.RequestsPerMinute };

            if (_waiting.Count == 0)
                return;

            _line.Hear(Ask($"hasty-{step}", _limits));
            for (var i = 0; i < _waiting.Count; i++)
                _waiting[i] = _waiting[i] with { Later = _limits };
        }

        private void Arrive(string id)
        {
            var request = Ask(id, _limits, _random.Next(120)) with { Lease = TimeSpan.FromSeconds(_random.Next(1, 60)) };
            var deadline = _now + _random.NextInt64(TimeSpan.TicksPerSecond * 90);
            _verdicts[id] = _line.Join(request, deadline, long.MaxValue);
            _waiting.Add((request with { Tentative = true }, _limits, deadline));
        }

        private async Task PassTimeAsync()
        {
            var until = _now + (_random.Next(3) == 0 ? _random.NextInt64(TimeSpan.TicksPerSecond * 20) : _random.Next(3));

            // To every moment at which something may happen, and to the tick before, at which nothing does.
            while (_line.MovesAt(_now) is var next && next <= until)
            {
                if (next - 1 > _now)
                    await MoveToAsync(next - 1);

                await MoveToAsync(next);
            }

            await MoveToAsync(until);
        }

        private async Task MoveToAsync(long now)
        {
            _now = now;
            _scope.Advance(now);
            _naive.Vanish(now);
            _line.Move(now, mayLetIn: true);
            MoveNaively();
            await CompareAsync();
        }

        private void MoveNaively()
        {
            LetInNaively();
            foreach (var late in _waiting.Where(one => one.Deadline <= _now).ToList())
            {
                _expected[late.Request.OperationId] = false;
                _waiting.Remove(late);
            }

            LetInNaively();
        }

        private void LetInNaively()
        {
            while (_waiting.Count > 0 && FirstThatFits() is { } fits)
            {
                _naive.Admit(fits, _now);
                _expected[_waiting[0].Request.OperationId] = true;
                _waiting.RemoveAt(0);
            }
        }

        private RateLimitRequest? FirstThatFits()
        {
            var (own, later, _) = _waiting[0];
            return new[] { own, own with { Limits = later } }.FirstOrDefault(one => _naive.Fits(one, _now));
        }

        private async Task CompareAsync()
        {
            foreach (var (id, verdict) in _verdicts.Where(one => one.Value.IsCompleted).ToList())
            {
                Assert.True(_expected.Remove(id, out var admitted), $"{id} has its answer too early");
                Assert.Equal(admitted, (await verdict).Fits);
                _verdicts.Remove(id);
            }

            Assert.Empty(_expected);
            Assert.Equal(_waiting.Count == 0, _line.IsEmpty);
        }
    }
}
