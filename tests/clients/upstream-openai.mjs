// Chat completions and embeddings as OpenAI writes them. The last message says what is wanted.
const usage = { prompt_tokens: 5, completion_tokens: 3, total_tokens: 8 };
const chunk = (delta, finish = null) => event({ choices: [{ index: 0, delta, finish_reason: finish }] });
const event = (part) => `data: ${JSON.stringify({ id: 'c-1', object: 'chat.completion.chunk', created: 1, model: 'scripted', ...part })}\n\n`;

const call = (id, name, city) => ({ id, type: 'function', function: { name, arguments: JSON.stringify({ city }) } });
const calls = [call('call-1', 'weather', 'Oslo'), call('call-2', 'weather', 'Rome')];

const wordsOf = (message) => (typeof message?.content === 'string' ? message.content : message?.content?.map((part) => part.text ?? '').join('') ?? '');

export function answerChat(body, response) {
  const last = body.messages?.at(-1);
  const question = last?.role === 'tool' ? 'tool result' : wordsOf(last);
  if (question === 'refuse') {
    response.writeHead(400, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ error: { message: 'No such thing.', type: 'invalid_request_error', param: null, code: null } }));
    return;
  }

  if (!body.stream) {
    const message = question === 'tool'
      ? { role: 'assistant', content: null, tool_calls: calls }
      : { role: 'assistant', content: `echo: ${question}` };
    const choice = { index: 0, message, finish_reason: question === 'tool' ? 'tool_calls' : 'stop', ...(body.logprobs && { logprobs: { content: [] } }) };
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ id: 'c-1', object: 'chat.completion', created: 1, model: 'scripted', choices: [choice], usage }));
    return;
  }

  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.write(chunk({ role: 'assistant', content: '' }));
  if (question === 'tool') {
    calls.forEach((tool, index) => {
      const { arguments: text, name } = tool.function;
      response.write(chunk({ tool_calls: [{ index, id: tool.id, type: 'function', function: { name, arguments: '' } }] }));
      response.write(chunk({ tool_calls: [{ index, function: { arguments: text.slice(0, 5) } }] }));
      response.write(chunk({ tool_calls: [{ index, function: { arguments: text.slice(5) } }] }));
    });
  } else {
    for (const word of ['one', ' two', ' thr\u00e9\u00e9']) response.write(chunk({ content: word }));
  }

  if (question === 'cut') {
    response.write(chunk({ content: '!' }), () => setImmediate(() => response.destroy()));
    return;
  }

  response.write(chunk({}, question === 'tool' ? 'tool_calls' : 'stop'));
  if (body.stream_options?.include_usage) response.write(event({ choices: [], usage }));
  response.end('data: [DONE]\n\n');
}

export function answerEmbeddings(body, response) {
  const inputs = [body.input].flat();
  const vector = Float32Array.from({ length: body.dimensions ?? 3 }, (_, i) => (i + 1) / 8);
  const embedding = body.encoding_format === 'base64' ? Buffer.from(vector.buffer).toString('base64') : [...vector];
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(JSON.stringify({
    object: 'list',
    model: 'scripted',
    data: inputs.map((_, index) => ({ object: 'embedding', index, embedding })),
    usage: { prompt_tokens: inputs.length, total_tokens: inputs.length },
  }));
}
