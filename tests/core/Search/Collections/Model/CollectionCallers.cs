using OrleansChat.Core.Errors;
using OrleansChat.Core.Search;
using OrleansChat.Core.Search.Ingestion;
using OrleansChat.Core.Search.Metering;

namespace OrleansChat.Core.Tests.Search.Collections.Model;

/// <summary>What callers do to a collection, each drawn at random, and what they learn of it.</summary>
/// <param name="hosts">Hosts that die one after the other.</param>
/// <param name="model">What callers know.</param>
/// <param name="parts">The most sections of a document.</param>
internal sealed class CollectionCallers(MortalHosts hosts, DocumentModel model, int parts)
{
    private static readonly string[] Models = ["scripted/letters", "scripted/wide", "scripted/narrow"];
    private static readonly string[] Chunkers = ["auto", "markdown"];

    private int _words;

    /// <summary>Does one thing.</summary>
    public Task ActAsync(Random random) => random.Next(24) switch
    {
        < 13 => UploadAsync(random),
        < 18 => DeleteAsync(random),
        < 19 => ConfigureAsync(Chunkers[random.Next(2)]),
        < 21 => StartMigrationAsync(Models[random.Next(Models.Length)]),
        _ => CommandMigrationAsync(random),
    };

    /// <summary>Creates the collection, as often as it takes.</summary>
    public async Task CreateAsync(string embeddingModel)
    {
        while (await hosts.CallAsync(async (host, token) => await host.Catalog.PutAsync(CollectionLook.Name, embeddingModel, null, token)) is null)
        {
        }
    }

    private async Task UploadAsync(Random random)
    {
        var upload = new Dictionary<string, ModelDocument>(StringComparer.Ordinal);
        for (var count = random.Next(1, 5); count > 0; count--)
        {
            var id = DrawId(random);
            upload[id] = DrawContent(random, id);
        }

        List<SourceDocument> documents = [.. upload.Select(document => document.Value.Source(document.Key))];
        var refusals = 0;
        switch (random.Next(8))
        {
            case 0:
                documents.Add(DrawContent(random, documents[0].Id).Source(documents[0].Id));
                refusals = 1;
                break;
            case < 3 and var fault:
                documents[0] = documents[0] with { Text = fault == 1 ? " " : $"{documents[0].Text} {ModelDocument.Offence}" };
                upload.Remove(documents[0].Id);
                refusals = 1;
                break;
        }

        await RepeatAsync(
            random,
            () => upload.Select(document => model.Begin(document.Key, document.Value)),
            async (host, token) =>
            {
                var report = await host.Indexer.IndexAsync(CollectionLook.Name, documents, SearchPayer.System, token);
                var told = $"{string.Join("; ", report.Rejected.Select(rejected => $"{rejected.Id}: {rejected.Problem.Detail}"))}";
                Assert.True(report.Rejected.Count == refusals, told);
                Assert.Equal(documents.Count, report.Indexed + report.Unchanged + report.Rejected.Count);
                return true;
            });
    }

    private async Task DeleteAsync(Random random)
    {
        var id = DrawId(random);
        var since = model.Now();
        await RepeatAsync(random, () => [model.Begin(id, null)], async (host, token) =>
        {
            var wasThere = await host.Indexer.DeleteAsync(CollectionLook.Name, id, token);
            Assert.Contains(model.Possible(id, since), content => content is not null == wasThere);
            return true;
        });
    }

    private Task ConfigureAsync(string chunker) => hosts.CallAsync(async (host, token) => await host.Catalog.PutAsync(CollectionLook.Name, null, chunker, token));

    private Task StartMigrationAsync(string embeddingModel) => hosts.CallAsync(async (host, token) =>
        await RefusedAsync(async () => Note(await host.Migrations.StartAsync(CollectionLook.Name, embeddingModel, token))));

    private Task CommandMigrationAsync(Random random) => hosts.CallAsync(async (host, token) =>
    {
        var known = (await host.Migrations.ListAsync(CollectionLook.Name, token)).Items;
        if (known.Count == 0)
            return false;
        var command = random.Next(8) switch
        {
            0 => MigrationCommand.Pause,
            < 3 => MigrationCommand.Resume,
            < 6 => MigrationCommand.Rollback,
            _ => MigrationCommand.Finish,
        };
        return await RefusedAsync(async () => Note(await host.Migrations.CommandAsync(CollectionLook.Name, known[random.Next(Math.Min(3, known.Count))].Id, command, token)));
    });

    private void Note(MigrationView migration) => model.Note($" * migration {migration.From} to {migration.To} is {migration.Status}");

    // Most commands do not fit how a migration stands, which is no fault.
    private static async Task<bool> RefusedAsync(Func<Task> call)
    {
        try
        {
            await call();
            return true;
        }
        catch (RequestException refused) when (refused.Problem.Code == ProblemCode.InvalidRequest.Name && refused.Problem.Subject is not null)
        {
            return false;
        }
    }

    // Some callers ask again for what they were not told of, until they are.
    private async Task RepeatAsync(Random random, Func<IEnumerable<DocumentChange>> begin, Func<MortalSearch, CancellationToken, Task<bool>> call)
    {
        var repeats = random.Next(3) != 0;
        do
        {
            using var patience = new CancellationTokenSource();
            List<DocumentChange> changes = [.. begin()];
            var answer = hosts.CallAsync(call, patience.Token);
            if (random.Next(10) == 0)
            {
                for (var wait = random.Next(60); wait > 0; wait--)
                    await Task.Yield();
                await patience.CancelAsync();
            }

            var told = await answer;
            foreach (var change in changes)
            {
                if (told is null)
                    model.Leave(change);
                else
                    model.Acknowledge(change);
            }

            if (told is not null)
                return;
        }
        while (repeats);
    }

    private string DrawId(Random random) => model.Ids.ElementAt(random.Next(model.Ids.Count));

    // Now and then as it is, or with another field.
    private ModelDocument DrawContent(Random random, string id)
    {
        var known = model.Possible(id, model.Now()).OfType<ModelDocument>().FirstOrDefault();
        return (known, random.Next(4)) switch
        {
            ({ } same, 0) => same,
            ({ } other, 1) => other with { Group = 1 - other.Group },
            _ => new ModelDocument(DrawWord(random), random.Next(1, parts + 1), random.Next(2)),
        };
    }

    // Letters, so that models tell words apart, and a number that no other has.
    private string DrawWord(Random random) =>
        $"{string.Concat(Enumerable.Range(0, 14).Select(_ => (char)('a' + random.Next(26))))}{Interlocked.Increment(ref _words)}";
}
