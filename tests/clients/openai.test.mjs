// What the official openai npm client sees.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import OpenAI from 'openai';
import { startWorld } from './world.mjs';

let world;
const client = (apiKey = 'sk-free') => new OpenAI({ apiKey, baseURL: `${world.url}/v1`, maxRetries: 0 });
const ask = (content, more = {}) => ({ model: 'default', messages: [{ role: 'user', content }], ...more });

before(async () => {
  world = await startWorld();
});

after(() => world?.stop());

test('an answer comes whole, with usage', async () => {
  const completion = await client().chat.completions.create(ask('hello'));
  assert.equal(completion.choices[0].message.content, 'echo: hello');
  assert.equal(completion.usage.completion_tokens, 3);
  assert.equal(world.upstream.requests.at(-1).model, 'scripted');
  assert.equal(world.upstream.requests.at(-1).max_tokens, 4096);
});

test('an answer comes as a stream, with usage when it is asked for', async () => {
  const stream = await client().chat.completions.create(ask('hello', { stream: true, stream_options: { include_usage: true } }));
  let text = '';
  let usage;
  for await (const part of stream) {
    text += part.choices[0]?.delta?.content ?? '';
    usage = part.usage ?? usage;
  }

  assert.equal(text, 'one two thréé');
  assert.equal(usage.total_tokens, 8);
});

test('a stream shows no usage that was not asked for', async () => {
  const stream = await client().chat.completions.create(ask('hello', { stream: true }));
  for await (const part of stream) assert.ok(!part.usage);
});

test('tool calls and unknown fields pass through', async () => {
  const tools = [{ type: 'function', function: { name: 'weather', parameters: { type: 'object' } } }];
  const completion = await client().chat.completions.create(ask('tool', { tools, seed: 7, metadata: { a: 'b' } }));
  assert.deepEqual(completion.choices[0].message.tool_calls.map((call) => call.id), ['call-1', 'call-2']);
  assert.deepEqual(world.upstream.requests.at(-1).metadata, { a: 'b' });
  assert.equal(world.upstream.requests.at(-1).seed, 7);
});

test('a wrong key is an authentication error', async () => {
  await assert.rejects(client('sk-nobody').chat.completions.create(ask('hello')), (fault) =>
    fault instanceof OpenAI.AuthenticationError && fault.code === 'invalid_api_key');
});

test('a request over the limit is a rate limit error that says when to come back', async () => {
  const slow = client('sk-slow');
  const { response } = await slow.chat.completions.create(ask('hello')).withResponse();
  assert.equal(response.headers.get('x-ratelimit-limit-requests'), '1');
  await assert.rejects(slow.chat.completions.create(ask('hello')), (fault) =>
    fault instanceof OpenAI.RateLimitError && fault.code === 'rate_limit_exceeded'
    && Number(fault.headers.get('retry-after')) > 0 && Number(fault.headers.get('retry-after-ms')) > 0);
});

test('the limits are announced with every answer, whole or streamed', async () => {
  for (const stream of [false, true]) {
    const { data, response } = await client('sk-counted').chat.completions.create(ask('hello', { stream })).withResponse();
    if (stream) for await (const part of data) assert.ok(part.id);
    for (const [kind, limit] of [['requests', 1000], ['tokens', 1000000]]) {
      assert.equal(Number(response.headers.get(`x-ratelimit-limit-${kind}`)), limit);
      const remaining = Number(response.headers.get(`x-ratelimit-remaining-${kind}`));
      assert.ok(remaining > 0 && remaining < limit, `${kind}: ${remaining}`);
      assert.match(response.headers.get(`x-ratelimit-reset-${kind}`), /^(1m0s|[0-9.]+m?s)$/);
    }
  }
});

test('the client repeats a request over a paced limit when it is told, and succeeds', async () => {
  const paced = new OpenAI({ apiKey: 'sk-paced', baseURL: `${world.url}/v1` });
  const before = world.upstream.requests.length;
  await paced.chat.completions.create(ask('one'));
  assert.equal((await paced.chat.completions.create(ask('two'))).choices[0].message.content, 'echo: two');
  assert.equal(world.upstream.requests.length, before + 2);
});

test('a request over the budget is told so and not repeated', async () => {
  const before = world.upstream.requests.length;
  const poor = new OpenAI({ apiKey: 'sk-poor', baseURL: `${world.url}/v1` });
  await assert.rejects(poor.chat.completions.create(ask('hello')), (fault) =>
    fault instanceof OpenAI.APIError && fault.status === 402 && fault.code === 'insufficient_quota' && fault.type === 'insufficient_quota'
    && /budget/.test(fault.message));
  assert.equal(world.upstream.requests.length, before);
});

test('a wrong request is a bad request, whoever finds it', async () => {
  await assert.rejects(client().chat.completions.create(ask('refuse')), OpenAI.BadRequestError);
  await assert.rejects(client().chat.completions.create({ model: 'default', messages: 5 }), (fault) =>
    fault instanceof OpenAI.BadRequestError && fault.param === 'messages');
  await assert.rejects(client().chat.completions.create(ask('hello', { model: 'none' })), OpenAI.NotFoundError);
});

test('a stream that is cut is an error, not a short answer', async () => {
  const stream = await client().chat.completions.create(ask('cut', { stream: true }));
  await assert.rejects(async () => {
    for await (const part of stream) assert.ok(part);
  });
});

test('a stream can be left', async () => {
  const stream = await client().chat.completions.create(ask('hello', { stream: true }));
  for await (const part of stream) {
    assert.ok(part.id);
    break;
  }

  assert.equal((await client().chat.completions.create(ask('again'))).choices[0].message.content, 'echo: again');
});

test('tool calls, logprobs and several parts of a message come through a stream as they were', async () => {
  const tools = [{ type: 'function', function: { name: 'weather', parameters: { type: 'object' } } }];
  const content = [{ type: 'text', text: 'tool' }, { type: 'image_url', image_url: { url: 'https://example.org/a.png' } }];
  const { choices } = await client().chat.completions.stream(ask(content, { tools, parallel_tool_calls: true, user: 'u-1' })).finalChatCompletion();
  assert.deepEqual(choices[0].message.tool_calls.map((call) => JSON.parse(call.function.arguments).city), ['Oslo', 'Rome']);
  assert.deepEqual(world.upstream.requests.at(-1).messages[0].content, content);
  const completion = await client().chat.completions.create(ask('hello', { logprobs: true }));
  assert.deepEqual(completion.choices[0].logprobs, { content: [] });
});

test('a model of Anthropic\'s answers completions, with tools and their results', async () => {
  const tools = [{ type: 'function', function: { name: 'weather', parameters: { type: 'object' } } }];
  const completion = await client().chat.completions.create(ask('tool', { model: 'claude', tools }));
  const message = completion.choices[0].message;
  assert.deepEqual(message.tool_calls.map((call) => [call.id, JSON.parse(call.function.arguments).city]), [['toolu-1', 'Oslo'], ['toolu-2', 'Rome']]);
  const results = message.tool_calls.map((call) => ({ role: 'tool', tool_call_id: call.id, content: 'cold' }));
  const next = await client().chat.completions.create({ model: 'claude', tools, messages: [...ask('tool').messages, message, ...results] });
  assert.equal(next.choices[0].message.content, 'one two thréé');
  const streamed = await client().chat.completions.stream(ask('tool', { model: 'claude', tools })).finalChatCompletion();
  assert.equal(streamed.choices[0].message.tool_calls.length, 2);
});

test('models are listed', async () => {
  const ids = [];
  for await (const model of client().models.list()) ids.push(model.id);
  assert.deepEqual(ids, ['default', 'claude', 'quoting']);
});

test('embeddings of an upstream keep their dimensions in both encodings', async () => {
  const asked = { model: 'default', input: 'hello', dimensions: 5 };
  const [base64, numbers] = await Promise.all([
    client().embeddings.create(asked),
    client().embeddings.create({ ...asked, encoding_format: 'float' }),
  ]);
  assert.deepEqual(base64.data[0].embedding, [0.125, 0.25, 0.375, 0.5, 0.625]);
  assert.deepEqual(numbers.data[0].embedding, base64.data[0].embedding);
});

test('embeddings come in both encodings', async () => {
  const [base64, numbers] = await Promise.all([
    client().embeddings.create({ model: 'builtin/hashing', input: ['a grain', 'rain'] }),
    client().embeddings.create({ model: 'builtin/hashing', input: ['a grain', 'rain'], encoding_format: 'float' }),
  ]);
  assert.equal(base64.data.length, 2);
  // The numbers are written with the fewest digits that give the same 32-bit number.
  assert.deepEqual(base64.data[0].embedding, numbers.data[0].embedding.map(Math.fround));
});
