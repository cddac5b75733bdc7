// Messages as Anthropic writes them. The last message says what is wanted.
const usage = { input_tokens: 5, cache_creation_input_tokens: 0, cache_read_input_tokens: 0, output_tokens: 3 };
const message = (content, stop) => ({
  id: 'msg-1', type: 'message', role: 'assistant', model: 'claude-scripted', content, stop_reason: stop, stop_sequence: null, usage,
});
const calls = [['toolu-1', 'Oslo'], ['toolu-2', 'Rome']].map(([id, city]) => ({ type: 'tool_use', id, name: 'weather', input: { city } }));

const wordsOf = (last) => (typeof last?.content === 'string' ? last.content : last?.content?.map((block) => block.text ?? block.type).join('') ?? '');

export function answerMessages(body, response, path) {
  const question = wordsOf(body.messages.at(-1));
  const json = (status, answer) => {
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(answer));
  };
  if (path.endsWith('/count_tokens')) return json(200, { input_tokens: 42 });
  if (question === 'refuse') return json(400, { type: 'error', error: { type: 'invalid_request_error', message: 'No such thing.' } });
  if (!body.stream) return json(200, question === 'tool' ? message(calls, 'tool_use') : message([{ type: 'text', text: `echo: ${question}` }], 'end_turn'));

  response.writeHead(200, { 'content-type': 'text/event-stream' });
  const send = (type, data) => response.write(`event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`);
  const block = (index, content, deltas) => {
    send('content_block_start', { index, content_block: content });
    for (const delta of deltas) send('content_block_delta', { index, delta });
    send('content_block_stop', { index });
  };
  send('message_start', { message: message([], null) });
  send('ping', {});
  if (question === 'think') {
    block(0, { type: 'thinking', thinking: '', signature: '' }, [{ type: 'thinking_delta', thinking: 'Hm.' }, { type: 'signature_delta', signature: 'proof' }]);
  } else if (question === 'tool') {
    calls.forEach(({ input, ...tool }, index) =>
      block(index, { ...tool, input: {} }, [{ type: 'input_json_delta', partial_json: '' }, { type: 'input_json_delta', partial_json: JSON.stringify(input) }]));
  } else {
    block(0, { type: 'text', text: '' }, ['one', ' two', ' thr\u00e9\u00e9'].map((text) => ({ type: 'text_delta', text })));
  }

  if (question === 'cut') {
    setImmediate(() => response.destroy());
    return undefined;
  }

  send('message_delta', { delta: { stop_reason: question === 'tool' ? 'tool_use' : 'end_turn', stop_sequence: null }, usage: { output_tokens: 3 } });
  send('message_stop', {});
  response.end();
  return undefined;
}
