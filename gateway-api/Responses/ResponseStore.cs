using System.Buffers;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.AI;
using OrleansChat.Core.Errors;
using OrleansChat.Core.Keys;
using OrleansChat.Core.Sessions;
using OrleansChat.Core.Sessions.Responses;
using OrleansChat.GatewayApi.Json;
using OrleansChat.GatewayApi.Sessions;

namespace OrleansChat.GatewayApi.Responses;

/// <summary>Keeps responses in sessions: one that follows another is in the other's, one that follows none begins its own.</summary>
internal sealed class ResponseStore(SessionAccess sessions)
{
    /// <summary>A session of responses goes when it was not used for so long, as at OpenAI.</summary>
    private const int LifeMinutes = 30 * 24 * 60;

    private const string Previous = "previous_response_id";

    /// <summary>An id for a response.</summary>
    /// <param name="request">The request.</param>
    /// <exception cref="RequestException">What it names as its predecessor is no response's id.</exception>
    public ResponseId NewId(ResponseRequest request) => ResponseId.New(request.PreviousId is { } previous ? IdOf(previous).SessionId : sessions.NewId());

    /// <summary>What was said up to the response that a request follows, oldest first.</summary>
    /// <exception cref="RequestException">There is no such response, or not for this key.</exception>
    public async ValueTask<IReadOnlyList<ChatMessage>> HistoryAsync(ApiKey caller, ResponseRequest request, CancellationToken cancellationToken)
    {
        if (request.PreviousId is not { } previous)
            return [];
        try
        {
            var session = await sessions.Find(IdOf(previous).SessionId).ReadResponseAsync(caller, previous, cancellationToken);
            return [.. session.Messages.SelectMany(MessagesOf)];
        }
        catch (RequestException absent) when (absent.Problem.Code == ProblemCode.NotFound.Name)
        {
            throw RequestException.Invalid(Previous, $"There is no response '{previous}' to follow.", $"Leave '{Previous}' out and send the conversation whole.");
        }
    }

    /// <summary>Keeps a response, durably.</summary>
    public async ValueTask KeepAsync(ApiKey caller, ResponseId id, ResponseRequest request, string answer, ReadOnlyMemory<byte> response)
    {
        var session = sessions.Find(id.SessionId);
        if (request.PreviousId is null)
            await session.CreateAsync(caller, new SessionSettings { Model = request.Model, TtlMinutes = LifeMinutes }, CancellationToken.None);

        var record = new RecordedResponse
        {
            Id = id.ToString(),
            PreviousId = request.PreviousId,
            Question = TextOf(ResponseTurns.Read(request.Input, "input")),
            QuestionItems = ItemsOf(id, request),
            Answer = answer,
            AnswerItems = Encoding.UTF8.GetString(response.Span),
        };
        await session.RecordAsync(caller, record, CancellationToken.None);
    }

    /// <summary>A response's question and answer.</summary>
    /// <exception cref="RequestException">There is no such response, or not for this key.</exception>
    public async ValueTask<(SessionMessage Question, SessionMessage Answer)> ReadAsync(ApiKey caller, string id, CancellationToken cancellationToken)
    {
        var parsed = ResponseId.Parse(id) ?? throw RequestException.NotFound("response", id);
        try
        {
            var session = await sessions.Find(parsed.SessionId).ReadResponseAsync(caller, id, cancellationToken);
            return (session.Messages[^2], session.Messages[^1]);
        }
        catch (RequestException absent) when (absent.Problem.Code == ProblemCode.NotFound.Name)
        {
            throw RequestException.NotFound("response", id);
        }
    }

    /// <summary>Deletes a response.</summary>
    /// <exception cref="RequestException">There is no such response, or not for this key.</exception>
    public async ValueTask DeleteAsync(ApiKey caller, string id, CancellationToken cancellationToken)
    {
        await ReadAsync(caller, id, cancellationToken);
        await sessions.Find(ResponseId.Parse(id)!.SessionId).DeleteResponseAsync(caller, id, cancellationToken);
    }

    private static ResponseId IdOf(string previous) =>
        ResponseId.Parse(previous) ?? throw RequestException.Invalid(Previous, $"There is no response '{previous}' to follow.");

    private static List<ChatMessage> MessagesOf(SessionMessage message)
    {
        var isAnswer = message.Role == MessageRole.Assistant;
        if (message.Items is null)
            return [new ChatMessage(isAnswer ? ChatRole.Assistant : ChatRole.User, message.Content)];

        var items = JsonElement.Parse(message.Items);
        return ResponseTurns.Read((isAnswer ? items.GetProperty("output") : items).EnumerateArray(), Previous);
    }

    private static string TextOf(List<ChatMessage> messages)
    {
        var said = string.Join('\n', messages.Select(message => message.Text).Where(text => text.Length > 0));
        return said.Length > 0 ? said : string.Join('\n', messages.SelectMany(message => message.Contents).OfType<FunctionResultContent>().Select(result => result.Result as string));
    }

    /// <summary>The items as they came, each with a type and an id.</summary>
    private static string ItemsOf(ResponseId id, ResponseRequest request)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, GatewayJson.Writer))
        {
            writer.WriteStartArray();
            foreach (var (i, item) in request.Input.Index())
            {
                writer.WriteStartObject();
                if (!item.TryGetProperty("id", out _))
                    writer.WriteString("id", id.Item("item", i));
                if (!item.TryGetProperty("type", out _))
                    writer.WriteString("type", "message");
                foreach (var property in item.EnumerateObject())
                    WriteProperty(writer, property);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static void WriteProperty(Utf8JsonWriter writer, JsonProperty property)
    {
        if (property.NameEquals("content") && property.Value.ValueKind is JsonValueKind.String)
        {
            writer.WriteStartArray("content");
            writer.WriteStartObject();
            writer.WriteString("type", "input_text");
            writer.WriteString("text", property.Value.GetString());
            writer.WriteEndObject();
            writer.WriteEndArray();
        }
        else
        {
            property.WriteTo(writer);
        }
    }
}
