// What the official openai npm client sees of the Responses API, whichever kind of upstream answers.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import OpenAI from 'openai';
import { startWorld } from './world.mjs';

let world;
const client = () => new OpenAI({ apiKey: 'sk-free', baseURL: `${world.url}/v1`, maxRetries: 0 });
const tools = [{ type: 'function', name: 'weather', parameters: { type: 'object', properties: { city: { type: 'string' } } }, strict: false }];

before(async () => {
  world = await startWorld();
});

after(() => world?.stop());

for (const model of ['default', 'claude']) {
  describe(`model ${model}`, () => {
    test('a response is given, read, followed and deleted', async () => {
      const first = await client().responses.create({ model, input: 'hello', instructions: 'Be brief.' });
      assert.equal(first.status, 'completed');
      assert.equal(first.output_text, 'one two thréé');
      assert.equal(first.usage.output_tokens, 3);
      assert.equal((await client().responses.retrieve(first.id)).output_text, first.output_text);

      const second = await client().responses.create({ model, input: 'again', previous_response_id: first.id });
      assert.equal(second.previous_response_id, first.id);
      assert.equal(world.upstream.requests.at(-1).messages.length, 3);

      await client().responses.delete(first.id);
      await assert.rejects(client().responses.retrieve(first.id), OpenAI.NotFoundError);
    });

    test('a response comes as a stream', async () => {
      const stream = client().responses.stream({ model, input: 'hello' });
      let text = '';
      stream.on('response.output_text.delta', (event) => { text += event.delta; });
      const response = await stream.finalResponse();
      assert.equal(text, 'one two thréé');
      assert.equal(response.output[0].content[0].text, text);
    });

    test('tools are called side by side, and their results follow', async () => {
      const asked = await client().responses.create({ model, input: 'tool', tools });
      assert.deepEqual(asked.output.map((item) => [item.type, JSON.parse(item.arguments).city]), [['function_call', 'Oslo'], ['function_call', 'Rome']]);
      const results = asked.output.map((item) => ({ type: 'function_call_output', call_id: item.call_id, output: 'cold' }));
      const answered = await client().responses.create({ model, input: results, tools, previous_response_id: asked.id });
      assert.equal(answered.output_text, 'one two thréé');
    });

    test('a stream of calls adds up', async () => {
      const response = await client().responses.stream({ model, input: 'tool', tools }).finalResponse();
      assert.deepEqual(response.output.map((item) => JSON.parse(item.arguments).city), ['Oslo', 'Rome']);
    });
  });
}

test('what is not known is refused', async () => {
  await assert.rejects(client().responses.create({ model: 'default', input: 'hello', tools: [{ type: 'web_search' }] }), (fault) =>
    fault instanceof OpenAI.BadRequestError && fault.param === 'tools[0].type');
  await assert.rejects(client().responses.create({ model: 'default', input: 'hello', previous_response_id: 'resp_none' }), OpenAI.BadRequestError);
});
