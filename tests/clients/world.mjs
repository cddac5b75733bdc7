// A server and its upstream: of the test's own, or the one that the environment names.
import assert from 'node:assert/strict';
import { startServer } from './server.mjs';
import { settings, upstreamPort } from './settings.mjs';
import { startUpstream } from './upstream.mjs';

export async function startWorld() {
  const given = process.env.ORLEANSCHAT_CLIENTS_URL;
  const upstream = await startUpstream(given ? upstreamPort : 0);
  const server = given ? { url: given.replace(/\/$/, ''), stop: async () => 0 } : await startServer(settings(upstream.url));
  return {
    url: server.url,
    upstream,
    stop: async () => {
      assert.equal(await server.stop(), 0, 'the server ends with exit code 0');
      await upstream.stop();
    },
  };
}
