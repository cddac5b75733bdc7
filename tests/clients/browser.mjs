// What a plain page sees in a browser: EventSource and WebSocket, behind a front of its own origin that adds the key, as a site's proxy does.
// `run` adds it to the tests where it finds a browser.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { startWorld } from './world.mjs';

const key = { 'x-api-key': 'sk-free' };
const patience = 60_000;

let world;
let front;
let profile;

before(async () => {
  world = await startWorld();
  profile = await mkdtemp(join(tmpdir(), 'orleanschat-browser-'));
});

after(async () => {
  front?.close();
  front?.closeAllConnections();
  await rm(profile, { recursive: true, force: true });
  await world?.stop();
});

// Serves the page and passes on the rest. The first stream of events is cut in its middle, as by a network that changes.
async function startFront(report) {
  const target = new URL(world.url);
  const resumed = [];
  let isCut = false;
  front = createServer(async (from, to) => {
    if (from.url === '/') {
      to.writeHead(200, { 'content-type': 'text/html; charset=utf-8' });
      to.end(await readFile(new URL('browser.html', import.meta.url)));
      return;
    }

    if (from.url === '/report') {
      let text = '';
      for await (const part of from) text += part;
      to.end();
      report(JSON.parse(text));
      return;
    }

    const passed = request({ host: target.hostname, port: target.port, method: from.method, path: from.url, headers: { ...from.headers, ...key } }, (answer) => {
      to.writeHead(answer.statusCode, answer.headers);
      if (!from.url.endsWith('/events')) return void answer.pipe(to);
      if (from.headers['last-event-id']) resumed.push(from.headers['last-event-id']);
      to.write('retry: 50\n\n');
      let sent = '';
      answer.on('error', () => {});
      answer.setEncoding('utf8').on('data', (part) => {
        sent += part;
        const second = sent.indexOf('\n\n', sent.indexOf('\n\n') + 2);
        if (isCut || second < 0) return void (isCut && to.write(part));
        isCut = true;
        to.write(sent.slice(0, second + 2), () => to.destroy());
        answer.destroy();
      }).on('end', () => to.end());
    });
    passed.on('error', () => to.destroy());
    from.pipe(passed);
  });
  front.on('upgrade', (from, socket, head) => {
    const passed = connect(Number(target.port), target.hostname, () => {
      const headers = Object.entries({ ...from.headers, ...key }).map(([name, value]) => `${name}: ${value}\r\n`).join('');
      passed.write(`${from.method} ${from.url} HTTP/1.1\r\n${headers}\r\n`);
      passed.write(head);
      socket.pipe(passed).pipe(socket);
    });
    socket.on('error', () => passed.destroy());
    passed.on('error', () => socket.destroy());
  });
  await new Promise((listening) => front.listen(0, '127.0.0.1', listening));
  return { url: `http://127.0.0.1:${front.address().port}/`, resumed };
}

test('a page follows one turn by EventSource and WebSocket, over a broken stream', { timeout: 2 * patience }, async () => {
  let settle;
  const seen = new Promise((resolve, reject) => {
    settle = resolve;
    setTimeout(() => reject(new Error('the page did not report')), patience).unref();
  });
  const { url, resumed } = await startFront(settle);
  const browser = spawn(process.env.ORLEANSCHAT_BROWSER, ['--headless=new', '--no-sandbox', '--disable-gpu', '--no-first-run', `--user-data-dir=${profile}`, url], { stdio: ['ignore', 'ignore', 'pipe'] });

  // Its processes share what they complain to, and write to the profile until the last of them is gone.
  browser.stderr.resume();
  const ended = new Promise((resolve) => browser.once('close', resolve));
  let report;
  try {
    report = await seen;
  } finally {
    browser.kill();
    await ended;
  }

  assert.equal(report.fault, undefined);
  assert.deepEqual(report.tokens, ['one', ' two', ' thr\u00e9\u00e9']);
  assert.equal(report.manager.length, 1);
  assert.equal(report.status.at(-1), 'completed');

  // The browser came back by itself with the number that it had, and got each event once.
  assert.deepEqual(resumed, ['2']);
  assert.deepEqual(report.ids, report.ids.map((_, place) => `${place + 1}`));
  assert.equal(report.text, report.tokens.join(''));

  // A bad frame is answered, and the socket lives on.
  assert.deepEqual(report.errors, ['invalid_request', 'invalid_request']);
  assert.equal(report.again, report.text);
  assert.deepEqual(report.closed, { code: 1000, clean: true });
});
