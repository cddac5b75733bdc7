using System.Text;
using Microsoft.Extensions.AI;
using OrleansChat.Core.Turns;

namespace OrleansChat.GatewayApi.Translation;

/// <summary>An answer put together from its pieces: neighbouring pieces of text, or of reasoning, are one.</summary>
internal sealed class AnswerContents
{
    private readonly List<AIContent> _contents = [];
    private readonly StringBuilder _open = new();
    private string? _signature;
    private Kind _kind;
    private long _tokens;

    private enum Kind
    {
        None,
        Text,
        Reasoning,
    }

    /// <summary>Whether a tool is called.</summary>
    public bool HasCalls { get; private set; }

    /// <summary>A close count of the answer's tokens.</summary>
    public long Tokens => _tokens + TokenEstimate.Count(_open.ToString());

    /// <summary>Adds a piece.</summary>
    public void Add(AIContent content)
    {
        switch (content)
        {
            case TextContent text:
                Continue(Kind.Text);
                _open.Append(text.Text);
                break;
            case TextReasoningContent reasoning:
                Continue(Kind.Reasoning);
                _open.Append(reasoning.Text);
                _signature = reasoning.ProtectedData ?? _signature;
                break;
            case FunctionCallContent call:
                Continue(Kind.None);
                HasCalls = true;
                _tokens += TokenEstimate.Count(call.Name) + TokenEstimate.Count(ToolArguments.TextOf(call));
                _contents.Add(call);
                break;
        }
    }

    /// <summary>The pieces so far.</summary>
    public IReadOnlyList<AIContent> Take()
    {
        Continue(Kind.None);
        return _contents;
    }

    private void Continue(Kind kind)
    {
        // A signature is the last piece of its reasoning.
        if (kind == _kind && _signature is null)
            return;
        if (_open.Length > 0 || _signature is not null)
        {
            var text = _open.ToString();
            _tokens += TokenEstimate.Count(text);
            _contents.Add(_kind is Kind.Text ? new TextContent(text) : new TextReasoningContent(text) { ProtectedData = _signature });
        }

        _open.Clear();
        _signature = null;
        _kind = kind;
    }
}
