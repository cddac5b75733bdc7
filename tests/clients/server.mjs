// Starts the built executable on a free port with settings of the test's own.
import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const project = fileURLToPath(new URL('../../standalone', import.meta.url));

export async function startServer(settings) {
  const folder = await mkdtemp(join(tmpdir(), 'orleanschat-clients-'));
  await writeFile(join(folder, 'orleanschat.json'), JSON.stringify({
    OrleansChat: { Urls: 'http://127.0.0.1:0', DataDirectory: join(folder, 'data'), Logging: { Level: 'Error' }, ...settings },
  }));
  const child = spawn('dotnet', [join(project, 'bin', process.env.CONFIGURATION ?? 'Debug', 'net10.0', 'OrleansChat.Standalone.dll')], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = new Promise((resolve) => child.once('exit', resolve));
  let url;
  for await (const line of createInterface({ input: child.stdout })) {
    url = /listening on (http:\/\/[\w.:]+)/.exec(line)?.[1];
    if (url) break;
  }

  if (!url) throw new Error(`the server did not start (exit code ${await exited})`);
  child.stdout.resume();
  return {
    url,
    stop: async () => {
      child.kill('SIGINT');
      const code = await exited;
      await rm(folder, { recursive: true, force: true });
      return code;
    },
  };
}
