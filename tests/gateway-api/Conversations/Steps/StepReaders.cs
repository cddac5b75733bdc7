namespace OrleansChat.GatewayApi.Tests.Conversations.Steps;

/// <summary>Everybody who hears a turn, over all its hosts, and what its events are by what they heard.</summary>
internal sealed class StepReaders(StepWorld world, NaiveTurn turn)
{
    private readonly List<(Act Act, Heard Heard)> _readers = [];
    private List<HeardEvent> _restartsBefore = [];
    private long _lastBefore;

    /// <summary>The one that hears the turn from its first event, as the host that is there tells it.</summary>
    public ReadAct Witness { get; private set; } = Send(world, turn);

    /// <summary>Those who ask or read now.</summary>
    public IEnumerable<Act> Acts => _readers.Select(reader => reader.Act);

    /// <summary>The highest number that anybody has heard.</summary>
    public long Last => _readers.Select(reader => reader.Heard.Last).Append(Witness.Heard.Last).Max();

    /// <summary>The attempts that were begun again, as the witness heard them.</summary>
    public IEnumerable<int> Restarts => RestartsIn(Witness.Heard.Events).Select(AttemptOf);

    /// <summary>Whether anybody was told of the end.</summary>
    public bool AreTold => Witness.Heard.HasEnd || _readers.Exists(reader =>
        reader.Heard.HasEnd || reader.Act is TurnAct { Way: Way.Whole or Way.Simple, HasLeft: false, Broken: null, Doing.IsCompleted: true });

    /// <summary>What the witness heard between restarts.</summary>
    public List<string> Parts
    {
        get
        {
            List<string> parts = [""];
            foreach (var entry in Witness.Heard.Events)
            {
                if (entry.Name == HeardEvent.Restarted)
                    parts.Add("");
                else if (entry.Name == HeardEvent.Delta)
                    parts[^1] += entry.Told;
            }

            return parts;
        }
    }

    public void Add(TurnAct act) => _readers.Add((act, act.Heard));

    /// <summary>Somebody goes on reading after a number.</summary>
    public void Add(string key, Way way, long after)
    {
        var reader = new ReadAct(key, turn, way, after);
        _readers.Add((reader, reader.Heard));
        reader.Start(world);
    }

    /// <summary>Their connections end with the host.</summary>
    public async Task LeaveAsync()
    {
        foreach (var act in Acts.Append(Witness).Where(act => !act.Doing.IsCompleted))
            await act.LeaveAsync();
    }

    /// <summary>Has those who were cut off come back to the next host with the last number that each has.</summary>
    /// <param name="key">Who.</param>
    /// <param name="draw">Draws how.</param>
    /// <returns>What is wrong with what they heard so far.</returns>
    public IEnumerable<string> ComeBack(string key, Func<Way> draw)
    {
        var faults = Judge(null).ToList();
        var numbers = _readers.Where(reader => reader.Act.HasLeft).Select(reader => reader.Heard.Last).Append(Witness.Heard.Last).Distinct().ToList();
        _lastBefore = Math.Max(_lastBefore, Last);
        _restartsBefore = [.. _restartsBefore.Union(RestartsIn(Heard()))];
        _readers.Clear();
        Witness = Send(world, turn);
        foreach (var last in numbers)
            Add(key, draw(), last);
        return faults;
    }

    /// <summary>Holds what everybody heard against each other, and against what was heard before the last host died.</summary>
    /// <param name="end">How the turn ended; null while it runs.</param>
    /// <returns>What is wrong.</returns>
    public IEnumerable<string> Judge(string? end)
    {
        var all = Heard();
        if (!all.Select(entry => entry.Sequence).SequenceEqual(Enumerable.Range(1, all.Count).Select(number => (long)number)))
            yield return $"The numbers have gaps: {Lines(all)}";
        if (all.Count > 0 && (all[0].Name != HeardEvent.Started || all.Count(entry => entry.Name == HeardEvent.Started) > 1 || all.SkipLast(1).Any(entry => entry.IsLast)))
            yield return $"It has not one beginning and one end: {Lines(all)}";
        if (end is not null && all is not [.., { IsLast: true }])
            yield return $"It has no end: {Lines(all)}";

        foreach (var (act, heard) in _readers.Where(reader => reader.Act is ReadAct or TurnAct { Way: Way.Events or Way.Socket }))
        {
            if (act is { Status: 204 } && heard.After >= all.Count && end is not null)
                continue;

            if (act.Broken is { } broken)
                yield return $"It broke off: {act}\n{broken}";
            else if (heard.FaultOf(all, isWhole: end is not null && !act.HasLeft) is { } fault)
                yield return $"{fault}: {act}";
        }

        // What was a restart is one still, and what is new has a number that nobody has seen.
        if (all.Count > _lastBefore && _restartsBefore.Except(all).Any())
            yield return $"Restarts are gone: {string.Join(", ", _restartsBefore)} of {Lines(all)}";
        if (RestartsIn(all).Except(_restartsBefore).FirstOrDefault(entry => entry.Sequence <= _lastBefore) is { } again)
            yield return $"A number is used again, after {_lastBefore}: {again}";
    }

    private static ReadAct Send(StepWorld world, NaiveTurn turn)
    {
        var witness = new ReadAct(ConversationSettings.Boss, turn, Way.Events, 0);
        witness.Start(world);
        return witness;
    }

    /// <summary>All events of this host that anybody heard.</summary>
    private List<HeardEvent> Heard() =>
        [.. _readers.SelectMany(reader => reader.Heard.Events).Concat(Witness.Heard.Events).DistinctBy(entry => entry.Sequence).OrderBy(entry => entry.Sequence)];

    private static IEnumerable<HeardEvent> RestartsIn(IEnumerable<HeardEvent> events) => events.Where(entry => entry.Name == HeardEvent.Restarted);

    private static int AttemptOf(HeardEvent entry) => int.Parse(entry.Told, System.Globalization.CultureInfo.InvariantCulture);

    private static string Lines(IEnumerable<HeardEvent> events) => $"\n  {string.Join("\n  ", events)}";
}
