// What the official MCP client for Node.js sees.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { ElicitRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { startWorld } from './world.mjs';

let world;
let hasCollections;
const authorization = { Authorization: 'Bearer sk-free' };

async function connect(capabilities = {}) {
  const client = new Client({ name: 'clients', version: '1.0.0' }, { capabilities });
  await client.connect(new StreamableHTTPClientTransport(new URL(`${world.url}/mcp`), { requestInit: { headers: authorization } }));
  return client;
}

before(async () => {
  world = await startWorld();
  const send = (method, path, body) =>
    fetch(`${world.url}${path}`, { method, headers: { ...authorization, 'Content-Type': 'application/json' }, body: JSON.stringify(body) });
  const made = await send('PUT', '/api/collections/code', {});

  // A cluster that is started for a test may have no Qdrant; a server of the test's own has all it needs.
  hasCollections = made.status !== 503 || !process.env.ORLEANSCHAT_CLIENTS_URL;
  if (!hasCollections) return;
  const indexed = await send('POST', '/api/collections/code/documents', {
    documents: [
      { id: 'a.go', path: 'a.go', text: 'package a\n\nfunc (r *Reader) Close() error { return nil }\n' },
      { id: 'b.go', path: 'b.go', text: 'package a\n\nfunc (w *Writer) Close() error { return w.Flush() }\n' },
    ],
  });
  assert.equal((await indexed.json()).indexed, 2);
});

after(async () => {
  await world?.stop();
});

test('the tools are listed with their schemas', async () => {
  const client = await connect();
  const { tools } = await client.listTools();
  assert.deepEqual(tools.map((tool) => tool.name).sort(), ['ask', 'find_code', 'search']);
  assert.deepEqual(tools.find((tool) => tool.name === 'search').inputSchema.required, ['query']);
  assert.equal(client.getServerVersion().name, 'OrleansChat');
  await client.close();
});

test('code is found by its name', async (context) => {
  if (!hasCollections) return context.skip('no store of vectors');
  const client = await connect();
  const { structuredContent } = await client.callTool({ name: 'find_code', arguments: { query: 'Writer.Close', collection: 'code' } });
  assert.equal(structuredContent.hits[0].symbol, 'Writer.Close');
  assert.equal(structuredContent.hits[0].path, 'b.go');
  await client.close();
});

test('a user who can be asked is asked which of several is meant', async (context) => {
  if (!hasCollections) return context.skip('no store of vectors');
  const client = await connect({ elicitation: {} });
  client.setRequestHandler(ElicitRequestSchema, ({ params }) => {
    assert.deepEqual(params.requestedSchema.properties.symbol.enum, ['Reader.Close', 'Writer.Close']);
    return { action: 'accept', content: { symbol: 'Reader.Close' } };
  });
  const { structuredContent } = await client.callTool({ name: 'find_code', arguments: { query: 'Close', collection: 'code' } });
  assert.equal(structuredContent.hits[0].symbol, 'Reader.Close');
  await client.close();
});

test('a question is answered, with progress', async () => {
  const client = await connect();
  const told = [];
  const result = await client.callTool({ name: 'ask', arguments: { question: 'hello' } }, undefined, { onprogress: (progress) => told.push(progress) });
  assert.equal(result.content[0].text, 'one two thréé');
  assert.ok(told.length > 0);
  await client.close();
});

test('a session that was ended is not known any more', async () => {
  const client = await connect();
  const id = client.transport.sessionId;
  await client.transport.terminateSession();
  const response = await fetch(`${world.url}/mcp`, {
    method: 'POST',
    headers: { ...authorization, 'Content-Type': 'application/json', Accept: 'application/json, text/event-stream', 'Mcp-Session-Id': id },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list' }),
  });
  assert.equal(response.status, 404);
  await client.close();
});
