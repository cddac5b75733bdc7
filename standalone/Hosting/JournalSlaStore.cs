using System.Text.Json;
using OrleansChat.Core.Health.Sla;

namespace OrleansChat.Standalone.Hosting;

/// <summary>Keeps the history of health in the journal.</summary>
internal sealed class JournalSlaStore(Journal.Journal journal) : ISlaStore
{
    private const string Key = "operation/sla";

    public async ValueTask<Dictionary<string, SlaHour[]>?> LoadAsync(CancellationToken cancellationToken) =>
        await journal.ReadAsync(Key, cancellationToken) is { } value ? JsonSerializer.Deserialize<Dictionary<string, SlaHour[]>>(value.Bytes.Span) : null;

    public async ValueTask SaveAsync(Dictionary<string, SlaHour[]> history, CancellationToken cancellationToken) =>
        await journal.PutAsync(Key, JsonSerializer.SerializeToUtf8Bytes(history), expectedVersion: null, cancellationToken);
}
