// What the official @anthropic-ai/sdk client sees, whichever kind of upstream answers.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import Anthropic from '@anthropic-ai/sdk';
import { startWorld } from './world.mjs';

let world;
const client = (apiKey = 'sk-free') => new Anthropic({ apiKey, baseURL: world.url, maxRetries: 0 });
const ask = (content, more = {}) => ({ model: 'claude', max_tokens: 64, messages: [{ role: 'user', content }], ...more });
const tools = [{ name: 'weather', input_schema: { type: 'object', properties: { city: { type: 'string' } } } }];

before(async () => {
  world = await startWorld();
});

after(() => world?.stop());

// What an upstream of another kind answers is always streamed to the server, which is what the scripted one tells apart.
for (const [model, said, saidNext] of [['claude', 'echo: hello', 'echo: tool_resulttool_result'], ['default', 'one two thréé', 'one two thréé']]) {
  describe(`model ${model}`, () => {
    test('an answer comes whole, with usage', async () => {
      const message = await client().messages.create(ask('hello', { model }));
      assert.equal(message.content[0].text, said);
      assert.deepEqual([message.usage.input_tokens, message.usage.output_tokens, message.stop_reason], [5, 3, 'end_turn']);
      assert.ok(message._request_id);
    });

    test('an answer comes as a stream', async () => {
      const stream = client().messages.stream(ask('hello', { model }));
      let text = '';
      stream.on('text', (piece) => { text += piece; });
      const message = await stream.finalMessage();
      assert.equal(text, 'one two thréé');
      assert.equal(message.content[0].text, text);
      assert.deepEqual([message.usage.input_tokens, message.usage.output_tokens], [5, 3]);
    });

    test('tools are called side by side, streamed and whole', async () => {
      const whole = await client().messages.create(ask('tool', { model, tools }));
      const streamed = await client().messages.stream(ask('tool', { model, tools })).finalMessage();
      for (const message of [whole, streamed]) {
        assert.equal(message.stop_reason, 'tool_use');
        assert.deepEqual(message.content.map((block) => [block.type, block.name, block.input.city]), [['tool_use', 'weather', 'Oslo'], ['tool_use', 'weather', 'Rome']]);
      }

      const results = whole.content.map((block) => ({ type: 'tool_result', tool_use_id: block.id, content: 'cold' }));
      const next = ask('tool', { model, tools });
      next.messages.push({ role: 'assistant', content: whole.content }, { role: 'user', content: results });
      assert.equal((await client().messages.create(next)).content[0].text, saidNext);
    });

    test('tokens are counted', async () => {
      const { input_tokens: tokens } = await client().messages.countTokens({ model, messages: [{ role: 'user', content: 'hello' }] });
      assert.ok(tokens > 0);
    });

    test('a stream that is cut is an error, not a short answer', async () => {
      await assert.rejects(client().messages.stream(ask('cut', { model })).finalMessage(), Anthropic.AnthropicError);
    });

    test('a refusal of the upstream is a bad request', async () => {
      await assert.rejects(client().messages.create(ask('refuse', { model })), (fault) =>
        fault instanceof Anthropic.BadRequestError && fault.error.error.type === 'invalid_request_error' && fault.requestID !== undefined);
    });
  });
}

test('beta headers, cache control and thinking reach a model of Anthropic\'s', async () => {
  const message = await client().beta.messages.stream({
    ...ask([{ type: 'text', text: 'think', cache_control: { type: 'ephemeral' } }]), betas: ['interleaved-thinking-2025-05-14'], thinking: { type: 'adaptive' },
  }).finalMessage();
  assert.deepEqual([message.content[0].thinking, message.content[0].signature], ['Hm.', 'proof']);
  const sent = world.upstream.requests.at(-1);
  assert.equal(sent.headers['anthropic-beta'], 'interleaved-thinking-2025-05-14');
  assert.deepEqual(sent.messages[0].content[0].cache_control, { type: 'ephemeral' });
});

test('the built-in model answers', async () => {
  const message = await client().messages.create(ask('hello', { model: 'quoting', max_tokens: 512 }));
  assert.ok(message.content[0].text.length > 0);
});

test('a wrong key is an authentication error', async () => {
  await assert.rejects(client('sk-nobody').messages.create(ask('hello')), Anthropic.AuthenticationError);
});

test('a bearer token is as good as a key', async () => {
  const bearer = new Anthropic({ authToken: 'sk-free', apiKey: null, baseURL: world.url, maxRetries: 0 });
  assert.equal((await bearer.messages.create(ask('hello'))).content[0].text, 'echo: hello');
});

test('a request over the limit is a rate limit error that says when to come back', async () => {
  const slow = client('sk-slow-too');
  const { response } = await slow.messages.create(ask('hello')).withResponse();
  assert.equal(response.headers.get('anthropic-ratelimit-requests-limit'), '1');
  await assert.rejects(slow.messages.create(ask('hello')), (fault) =>
    fault instanceof Anthropic.RateLimitError && fault.error.error.type === 'rate_limit_error' && Number(fault.headers.get('retry-after')) > 0);
});

test('a request over the budget is told so', async () => {
  await assert.rejects(client('sk-poor').messages.create(ask('hello')), (fault) => fault.status === 402 && fault.error.error.type === 'billing_error');
});

test('a wrong request is a bad request', async () => {
  await assert.rejects(client().messages.create(ask('hello', { max_tokens: 0 })), Anthropic.BadRequestError);
  await assert.rejects(client().messages.create(ask('hello', { model: 'none' })), Anthropic.NotFoundError);
});
