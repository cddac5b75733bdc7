using OrleansChat.Core.Errors;
using OrleansChat.Core.Sessions;
using OrleansChat.Core.Settings;

namespace OrleansChat.Core.Tests.Sessions;

public sealed class SessionImportTests() : SessionTest(new SessionOptions { MessagesPerPage = 5, Summaries = false })
{
    [Fact]
    public async Task Import_OfAnExport_GivesTheSameTreeAndPathUnderNewIds()
    {
        var original = await NewSessionAsync(new SessionSettings { Title = "Trip", SystemPrompt = "Be brief." });
        var first = await ChatAsync(original, "One", "1");
        for (var i = 0; i < 7; i++)
            await ChatAsync(original, $"Question {i}", $"Answer {i}");
        await ChatAsync(original, "Two, edited", "2'", parent: first.Message!.Id);
        var exported = await original.DescribeAsync(Owner, SessionScope.Tree);

        var copy = World.Session(Guid.CreateVersion7().ToString());
        await copy.ImportAsync(SessionWorld.Stranger, Import(exported));
        World.Crash();

        var imported = await World.Session(copy.Id).DescribeAsync(SessionWorld.Stranger, SessionScope.Tree);
        Assert.Equal(("Trip", "Be brief."), (imported.Title, imported.SystemPrompt));
        Assert.Equal(Shape(exported), Shape(imported));
        Assert.Empty(imported.Messages.Select(message => message.Id).Intersect(exported.Messages.Select(message => message.Id)));
        var path = await World.Session(copy.Id).DescribeAsync(SessionWorld.Stranger, SessionScope.ActivePath);
        Assert.Equal(["One", "1", "Two, edited", "2'"], path.Messages.Select(message => message.Content));
    }

    [Fact]
    public async Task Import_IsListedAndChattedOnWith()
    {
        var original = await NewSessionAsync();
        await ChatAsync(original, "One", "1");
        var copy = World.Session(Guid.CreateVersion7().ToString());
        await copy.ImportAsync(Owner, Import(await original.DescribeAsync(Owner, SessionScope.Tree)));

        await ChatAsync(copy, "Two", "2");

        Assert.Equal(["One", "1", "Two", "2"], await PathAsync(copy));
        Assert.Equal(2, (await World.SessionIndex(Owner.Id).ListAsync(10, null, null, default)).Items.Count);
    }

    [Theory]
    [InlineData("role")]
    [InlineData("parent")]
    [InlineData("twice")]
    [InlineData("active")]
    public async Task Import_OfWhatIsNoTree_NamesTheFieldAndMakesNothing(string fault)
    {
        var now = World.Clock.GetUtcNow();
        var first = new SessionMessage { Id = "a", Role = MessageRole.User, Content = "One", CreatedAt = now };
        var second = new SessionMessage { Id = "b", ParentId = "a", Role = MessageRole.Assistant, Content = "1", CreatedAt = now };
        var (exported, field) = fault switch
        {
            "role" => (new SessionImport { Messages = [first, second with { Role = "system" }] }, "messages[1].role"),
            "parent" => (new SessionImport { Messages = [second, first] }, "messages[0].parentId"),
            "twice" => (new SessionImport { Messages = [first, second with { Id = "a" }] }, "messages[1].id"),
            _ => (new SessionImport { Messages = [first, second], ActiveMessageId = "c" }, "activeMessageId"),
        };
        var session = World.Session(Guid.CreateVersion7().ToString());

        var refusal = await Assert.ThrowsAsync<RequestException>(async () => await session.ImportAsync(Owner, exported));

        Assert.Equal(field, refusal.Problem.Subject);
        await Assert.ThrowsAsync<RequestException>(async () => await session.DescribeAsync(Owner, SessionScope.Settings));
    }

    [Fact]
    public async Task Import_CutShortByACrashBetweenAnyTwoWrites_IsThereWholeOrNotAtAll()
    {
        var original = await NewSessionAsync();
        for (var i = 0; i < 6; i++)
            await ChatAsync(original, $"Question {i}", $"Answer {i}");
        var exported = Import(await original.DescribeAsync(Owner, SessionScope.Tree));

        var outcomes = new HashSet<int>();
        for (var writes = 0; outcomes.Count < 2 && writes < 40; writes++)
        {
            var id = Guid.CreateVersion7().ToString();
            var left = writes;
            World.Store.BeforeWrite = _ => left-- > 0 ? Task.CompletedTask : Task.FromException(new IOException("The disk is gone."));
            try
            {
                await World.Session(id).ImportAsync(Owner, exported);
            }
            catch (Exception fault) when (fault is IOException or StorageException)
            {
                // Only what was written before counts.
            }

            World.Store.BeforeWrite = null;
            World.Crash();
            outcomes.Add(await CountAsync(id));
        }

        Assert.Equal([0, exported.Messages.Count], outcomes.Order());
    }

    [Fact]
    public async Task ReadPath_GoesThroughALongChatFromItsEndPageByPage()
    {
        var now = World.Clock.GetUtcNow();
        var messages = Enumerable.Range(0, 203).Select(i => new SessionMessage
        {
            Id = $"{i}",
            ParentId = i == 0 ? null : $"{i - 1}",
            Role = i % 2 == 0 ? MessageRole.User : MessageRole.Assistant,
            Content = $"Message {i}",
            CreatedAt = now,
        }).ToList();
        var session = World.Session(Guid.CreateVersion7().ToString());
        await session.ImportAsync(Owner, new SessionImport { Messages = messages });

        var read = new List<string>();
        var sizes = new List<int>();
        string? before = null;
        do
        {
            var page = await session.ReadPathAsync(Owner, new MessageRange(50, before));
            read.InsertRange(0, page.Messages.Select(message => message.Content));
            sizes.Add(page.Messages.Count);
            before = page.Before;
        }
        while (before is not null);

        Assert.Equal(messages.Select(message => message.Content), read);
        Assert.Equal([50, 50, 50, 50, 3], sizes);
    }

    [Fact]
    public async Task ReadPath_WhileATurnRuns_EndsInItsQuestion()
    {
        var session = await NewSessionAsync();
        await ChatAsync(session, "One", "1");
        await AskAsync(session, "Two");
        var call = await World.Upstream.NextCallAsync();

        var page = await session.ReadPathAsync(Owner, new MessageRange(2));

        Assert.Equal(["1", "Two"], page.Messages.Select(message => message.Content));
        Assert.Equal(page.Messages[0].Id, page.Before);
        Answer(call, "2");
    }

    [Fact]
    public async Task ReadPath_BeforeAnUnknownMessage_IsNotFound()
    {
        var session = await NewSessionAsync();

        var refusal = await Assert.ThrowsAsync<RequestException>(
            async () => await session.ReadPathAsync(Owner, new MessageRange(2, "01890a5d-ac96-774b-bcce-b302099a8057")));

        Assert.Equal("not_found", refusal.Problem.Code);
    }

    private static SessionImport Import(SessionView exported) => new()
    {
        Settings = new SessionSettings { Title = exported.Title, SystemPrompt = exported.SystemPrompt },
        Messages = exported.Messages,
        ActiveMessageId = exported.ActiveMessageId,
    };

    /// <summary>Each message with the place of the one that it follows.</summary>
    private static List<(string Role, string Content, int Parent)> Shape(SessionView session)
    {
        var ids = session.Messages.Select(message => message.Id).ToList();
        return [.. session.Messages.Select(message => (message.Role, message.Content, message.ParentId is { } parent ? ids.IndexOf(parent) : -1))];
    }

    private async Task<int> CountAsync(string id)
    {
        try
        {
            return (await World.Session(id).DescribeAsync(Owner, SessionScope.Tree)).Messages.Count;
        }
        catch (RequestException refusal) when (refusal.Problem.Code == "not_found")
        {
            return 0;
        }
    }
}
