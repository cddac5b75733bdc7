using OrleansChat.Core.Errors;
using OrleansChat.Core.Search;
using OrleansChat.Core.Search.Dense;
using OrleansChat.Core.Search.Indexing;
using OrleansChat.Core.Search.Migrations;
using OrleansChat.Core.Tests.Search.Collections.Model;
using OrleansChat.Testing;
using Xunit.Abstractions;

namespace OrleansChat.Core.Tests.Search.Collections;

/// <summary>
/// Several callers send, change and delete the same documents and migrate the collection to and fro, while models fail, calls are given up, workers stand
/// still for longer than their lease before any of their steps and the host dies before or after any of its writes. Held against what the callers alone know.
/// </summary>
public sealed class CollectionCrashModelTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(15, 9, 3, 12)]
    [InlineData(1, 4, 24, 150)] // Enough passages die for the index to be compacted.
    public async Task Collection_WhoseHostsDieAtAnyWrite_KeepsWhatItPromised(int rounds, int documents, int parts, int actions)
    {
        var random = Seed.Print(output);
        for (var round = 0; round < LongRuns.Of(rounds); round++)
        {
            var seed = random.Next();
            try
            {
                await new Round(seed, documents, parts).RunAsync(actions);
            }
            catch (Exception) when (Told(seed))
            {
                throw;
            }
        }
    }

    private bool Told(int seed)
    {
        output.WriteLine($"in the round of seed {seed}");
        return true;
    }

    private sealed class Round
    {
        private const int Callers = 4;
        private const int Storms = 3;
        private const int Workers = 2;

        private readonly Random _random;
        private readonly SearchWorld _world;
        private readonly DocumentModel _model;
        private readonly MortalHosts _hosts;
        private readonly CollectionCallers _callers;
        private readonly CollectionLook _look;
        private readonly IReadOnlyList<Stall> _stalls;
        private IReadOnlyList<Task> _workers = [];
        private bool _isStormy;

        public Round(int seed, int documents, int parts)
        {
            _random = new Random(seed);
            _world = new SearchWorld(new PassageIndexOptions { Precision = _random.Next(2) == 0 ? VectorPrecision.Full : VectorPrecision.Quantized });
            _model = new DocumentModel(Enumerable.Range(0, documents).Select(number => $"d{number}"));
            _stalls = [.. Enumerable.Range(0, Workers).Select(_ => new Stall(_world.Clock, _model, new Random(_random.Next())))];
            _hosts = new MortalHosts(_world, _model, new Random(_random.Next()), _stalls);
            _callers = new CollectionCallers(_hosts, _model, parts);
            _look = new CollectionLook(_model);
            var moods = new Random(_random.Next());
            _world.Embedder.BeforeAnswer = texts => AnswerAsync(texts, moods);
        }

        public async Task RunAsync(int actions)
        {
            await _hosts.OpenAsync();
            _hosts.Doom(_random);
            await _callers.CreateAsync("scripted/letters");
            for (var storm = 0; storm < Storms; storm++)
            {
                await StormAsync(actions);
                await RestAsync();
            }
        }

        private async Task StormAsync(int actions)
        {
            _isStormy = true;
            _hosts.Resume();
            var callers = Task.WhenAll(Enumerable.Range(0, Callers).Select(_ => new Random(_random.Next())).ToList().Select(lot => Task.Run(() => CallAsync(lot, actions))));
            foreach (var stall in _stalls)
                stall.Begin();
            _workers = [.. Enumerable.Range(0, Workers).Select(worker => Task.Run(() => MigrateAsync(callers, worker)))];
            var seed = _random.Next();
            var searching = Task.Run(() => SearchAsync(callers, new Random(seed)));
            await callers;
            await searching;
            await StandAsync();
        }

        // Workers have come to their end, or stand still.
        private async Task StandAsync()
        {
            foreach (var (stall, worker) in _stalls.Zip(_workers))
            {
                stall.End();
                while (!worker.IsCompleted && !stall.IsStanding)
                    await Task.Yield();
            }
        }

        private async Task WakeAsync()
        {
            foreach (var stall in _stalls)
                stall.Wake();
            await Task.WhenAll(_workers);
        }

        private async Task CallAsync(Random lot, int actions)
        {
            for (var action = 0; action < actions; action++)
            {
                if (lot.Next(actions) == 0)
                    _hosts.Doom(lot);
                if (lot.Next(10) == 0)
                    _stalls[lot.Next(Workers)].Wake();
                await _callers.ActAsync(lot);
            }
        }

        // As the service of every process does.
        private async Task MigrateAsync(Task until, int worker)
        {
            while (!until.IsCompleted)
            {
                await _hosts.CallAsync(async (host, token) =>
                {
                    var failed = await host.Workers[worker].RunAsync(CollectionLook.Name, token);
                    _model.Note($" * migrations are worked on up to version {(await host.Collection(CollectionLook.Name).FindServingAsync(token))?.Version.Number}");
                    return failed;
                });
                // Of a host that died, nothing is left to wake.
                _stalls[worker].Wake();
                await Task.Yield();
            }
        }

        private async Task SearchAsync(Task until, Random lot)
        {
            while (!until.IsCompleted)
            {
                await _hosts.CallAsync(async (host, _) =>
                {
                    await _look.SearchAsync(host, lot);
                    return true;
                });
                await Task.Yield();
            }
        }

        // Whatever is under way comes to its end; then all is as it was seen, however often it is looked at, whoever wakes and does the step that it stood
        // before, and whether the host dies.
        private async Task RestAsync()
        {
            _isStormy = false;
            await _hosts.CalmAsync();
            if (_random.Next(2) == 0)
                await _hosts.RestartAsync();
            if (_random.Next(3) == 0)
                await WakeAsync();
            await EndMigrationsAsync();
            var seen = await _look.RestAsync(_hosts.Living, _world);
            foreach (var id in _model.Ids)
                _model.Settle(id, seen.GetValueOrDefault(id));

            await WakeAsync();
            Assert.Equivalent(seen, await _look.RestAsync(_hosts.Living, _world), strict: true);
            await _hosts.RestartAsync();
            await EndMigrationsAsync();
            Assert.Equivalent(seen, await _look.RestAsync(_hosts.Living, _world), strict: true);
            CollectionLook.CheckStores(_world, seen);
        }

        private async Task EndMigrationsAsync()
        {
            var host = _hosts.Living;
            _world.Clock.Advance(MigrationLedger.LeaseTime);
            foreach (var paused in (await host.Migrations.ListAsync(CollectionLook.Name, default)).Items.Where(migration => migration.Status == MigrationStatus.Paused))
                await host.Migrations.CommandAsync(CollectionLook.Name, paused.Id, MigrationCommand.Resume, default);
            if (!await host.Runner.RunAsync(CollectionLook.Name, default))
                return;

            // Of so few documents one that is not found by its own words is enough to fail a migration for good; nothing else may.
            var migrations = (await host.Migrations.ListAsync(CollectionLook.Name, default)).Items;
            Assert.True(migrations.Any(migration => migration is { Recall: < 0.8, Cause: not null }), _model.Story(""));
            Assert.False(await host.Runner.RunAsync(CollectionLook.Name, default));
        }

        private async Task AnswerAsync(IReadOnlyList<string> texts, Random moods)
        {
            int mood;
            lock (moods)
                mood = moods.Next(400);
            for (var wait = mood % 20; wait > 0; wait--)
                await Task.Yield();
            if (_isStormy && mood < 12)
                throw new UpstreamException("scripted", mood < 4 ? UpstreamFailure.Connection : UpstreamFailure.Timeout, "it does not answer.");
            if (texts.Any(text => text.Contains(ModelDocument.Offence, StringComparison.Ordinal)))
                throw new UpstreamException("scripted", UpstreamFailure.InvalidRequest, "that is an offence.");
        }
    }
}
