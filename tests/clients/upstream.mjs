// A server that answers what the test tells it, in OpenAI's words or in Anthropic's, after the path that is asked.
import { createServer } from 'node:http';
import { answerMessages } from './upstream-anthropic.mjs';
import { answerChat, answerEmbeddings } from './upstream-openai.mjs';

const routes = { '/v1/chat/completions': answerChat, '/v1/embeddings': answerEmbeddings, '/v1/messages': answerMessages, '/v1/messages/count_tokens': answerMessages };

export async function startUpstream(port = 0) {
  const requests = [];
  const server = createServer(async (request, response) => {
    let text = '';
    for await (const piece of request) text += piece;
    const body = JSON.parse(text);
    const path = new URL(request.url, 'http://upstream').pathname;
    requests.push({ ...body, path, headers: request.headers });
    routes[path](body, response, path);
  });
  await new Promise((listening) => server.listen(port, '127.0.0.1', listening));
  return {
    url: `http://127.0.0.1:${server.address().port}/v1`,
    requests,
    stop: () => new Promise((closed) => { server.closeAllConnections(); server.close(closed); }),
  };
}
