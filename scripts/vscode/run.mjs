// Runs a command to its end, quietly: its output is read only when it fails.
import { spawn } from 'node:child_process';

/** The exit status (127: there is no such command) and the last lines of what it said. */
export const run = (command, args, options = {}) =>
  new Promise(resolve => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
    let said = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', text => (said = (said + text).slice(-4000)));
    child.on('error', error => resolve({ status: 127, said: error.message }));
    child.on('close', status => resolve({ status: status ?? 1, said: lastLines(said) }));
  });

const lastLines = text => text.trimEnd().split('\n').slice(-8).join('\n');

export const pause = ms => new Promise(resolve => setTimeout(resolve, ms));
