using OrleansChat.Cluster.Tests.Hosts;
using OrleansChat.Core.Turns;

namespace OrleansChat.Cluster.Tests.Faults;

/// <summary>A silo that is told to stop ends its turns first; those of other silos do not notice.</summary>
public sealed class SiloStopTests : IAsyncLifetime
{
    private const int Sessions = 12;

    private TestSilos _silos = null!;

    public async Task InitializeAsync() => _silos = await TestSilos.StartAsync();

    public async Task DisposeAsync() => await _silos.DisposeAsync();

    [Fact]
    public async Task Turns_WhileASiloStops_GoOnWithoutARestart_AndNewOnesBeginElsewhere()
    {
        var words = new WordByWord();
        _silos.Upstream.Answer = words.Answer;
        var readers = Enumerable.Range(0, Sessions).Select(number => RunTurnAsync($"before{number}")).ToList();
        await words.FirstWordsAsync(Sessions);

        var stopping = _silos.Cluster.GetActiveSilos().Last().StopSiloAsync(stopGracefully: true);
        var late = Enumerable.Range(0, Sessions).Select(number => RunTurnAsync($"after{number}")).ToList();
        await words.FirstWordsAsync(Sessions);
        words.Finish();

        foreach (var events in await Task.WhenAll([.. readers, .. late]))
        {
            Assert.IsType<TurnCompleted>(events[^1]);
            Assert.Empty(events.OfType<TurnRestarted>());
            Assert.Equal(WordByWord.Text, string.Concat(events.OfType<TurnDelta>().Select(delta => delta.Text)));
        }

        await stopping;
    }

    private Task<List<TurnEvent>> RunTurnAsync(string id) => WholeTurn.RunAsync(_silos.Actors.Session(id));
}
