// An OpenAI-compatible server that answers what the test tells it.
import { createServer } from 'node:http';

const chunk = (delta, finish = null) =>
  `data: ${JSON.stringify({ id: 'c-1', object: 'chat.completion.chunk', created: 1, model: 'scripted', choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;

export async function startUpstream() {
  const requests = [];
  const server = createServer(async (request, response) => {
    let text = '';
    for await (const piece of request) text += piece;
    const body = JSON.parse(text);
    requests.push(body);
    const question = body.messages?.at(-1)?.content ?? '';
    if (question === 'refuse') {
      response.writeHead(400, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ error: { message: 'No such thing.', type: 'invalid_request_error', param: null, code: null } }));
      return;
    }

    const usage = { prompt_tokens: 5, completion_tokens: 3, total_tokens: 8 };
    if (!body.stream) {
      const message = question === 'tool'
        ? { role: 'assistant', content: null, tool_calls: [{ id: 'call-1', type: 'function', function: { name: 'weather', arguments: '{"city":"Oslo"}' } }] }
        : { role: 'assistant', content: `echo: ${question}` };
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ id: 'c-1', object: 'chat.completion', created: 1, model: 'scripted', choices: [{ index: 0, message, finish_reason: 'stop' }], usage }));
      return;
    }

    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (const word of ['one', ' two', ' thr\u00e9\u00e9']) response.write(chunk({ content: word }));
    if (question === 'cut') {
      response.write(chunk({ content: '!' }), () => setImmediate(() => response.destroy()));
      return;
    }

    response.write(chunk({}, 'stop'));
    if (body.stream_options?.include_usage) {
      response.write(`data: ${JSON.stringify({ id: 'c-1', object: 'chat.completion.chunk', created: 1, model: 'scripted', choices: [], usage })}\n\n`);
    }

    response.end('data: [DONE]\n\n');
  });
  await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
  return {
    url: `http://127.0.0.1:${server.address().port}/v1`,
    requests,
    stop: () => new Promise((closed) => { server.closeAllConnections(); server.close(closed); }),
  };
}
