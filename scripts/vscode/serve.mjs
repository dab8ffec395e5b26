// Starts the VS Code server on a free port of this machine, with folders of its own.
import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { pause } from './run.mjs';

const startLimitMs = 60_000;
/** Extension hosts write their logs when their window has gone. */
const leaveLimitMs = 5_000;

const always = [
  ...['--host', '127.0.0.1', '--port', '0', '--without-connection-token', '--accept-server-license-terms'],
  ...['--disable-telemetry', '--disable-workspace-trust'],
];

/**
 * @param server of `vscodeServer()`
 * @param home a short path: sockets are made below it
 * @returns where it listens, what it said so far, and how to end it
 */
export async function serve(server, { home, userDataDir, extensionsDir, words = [], env = {} }) {
  const temporary = join(home, 't');
  for (const folder of [temporary, userDataDir, extensionsDir]) mkdirSync(folder, { recursive: true });
  const folders = [
    '--server-data-dir',
    join(home, 's'),
    '--user-data-dir',
    userDataDir,
    '--extensions-dir',
    extensionsDir,
  ];
  const child = spawn(server.node, [server.main, ...always, ...folders, ...words], {
    stdio: ['ignore', 'pipe', 'pipe'],
    // No gallery: nothing is looked for beyond this machine.
    env: { ...process.env, EXTENSIONS_GALLERY: '{}', TMPDIR: temporary, ...env },
  });
  let said = '';
  let leave;
  const left = new Promise(resolve => (leave = resolve));
  child.on('error', leave);
  child.on('exit', leave);
  const port = await new Promise((resolve, reject) => {
    const fail = why => reject(new Error(`The VS Code server ${why}:\n${said}`));
    const timer = setTimeout(() => fail(`did not start within ${startLimitMs / 1000} s`), startLimitMs);
    left.then(() => fail('ended'));
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', text => {
        said += text;
        const found = /Extension host agent listening on (\d+)/.exec(said)?.[1];
        if (found === undefined) return;
        clearTimeout(timer);
        resolve(Number(found));
      });
  }).catch(error => {
    child.kill('SIGKILL');
    throw error;
  });
  return {
    port,
    url: `http://127.0.0.1:${port}/`,
    said: () => said,
    left,
    async stop() {
      child.kill('SIGTERM');
      await Promise.race([left, pause(leaveLimitMs)]);
      child.kill('SIGKILL');
      await left;
    },
  };
}
