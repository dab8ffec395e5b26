/** The server's bundle for browsers, in realms that have what a web worker has and nothing of Node. */
import { join } from 'node:path';
import { createContext, runInContext } from 'node:vm';
import { build } from 'esbuild';
import { beforeAll, expect, it } from 'vitest';
import {
  AbstractMessageReader,
  AbstractMessageWriter,
  type DataCallback,
  type Message,
} from 'vscode-languageserver/node';
import { clientOf } from './testing/client.ts';
import { converse } from './testing/conversation.ts';

let bundle: string;

beforeAll(async () => {
  const entry = join(import.meta.dirname, 'main-browser.ts');
  const built = await build({
    entryPoints: [entry],
    bundle: true,
    platform: 'browser',
    format: 'iife',
    write: false,
    // Fails where something imports a module of Node.
    logLevel: 'silent',
  });
  bundle = built.outputFiles[0]!.text;
});

type Listener = ((event: { readonly data: unknown }) => void) | null;

/** A web worker as far as its outside goes. Messages are copied, and arrive later. */
class FakeWorker {
  onmessage: Listener = null;
  onerror: Listener = null;
  private readonly inside: { onmessage: Listener };
  private ended = false;

  constructor(url: string, { name }: { readonly name: string } = { name: '' }) {
    const scope: Record<string, unknown> & { onmessage: Listener } = {
      onmessage: null,
      name,
      location: { href: url },
      // For errors of the channel, of which there are none here.
      addEventListener() {},
      postMessage: (data: unknown) => this.deliver(this, data),
      Worker: FakeWorker,
      console,
      setTimeout,
      clearTimeout,
      setInterval,
      clearInterval,
      queueMicrotask,
      structuredClone,
      performance,
      TextEncoder,
      TextDecoder,
      URL,
      btoa,
      atob,
      crypto,
    };
    scope.self = scope;
    this.inside = scope;
    runInContext(bundle, createContext(scope), { filename: `${name || 'server'}.js` });
  }

  postMessage(data: unknown): void {
    this.deliver(this.inside, data);
  }

  terminate(): void {
    this.ended = true;
  }

  private deliver(to: { onmessage: Listener }, data: unknown): void {
    const copy = structuredClone(data);
    setImmediate(() => {
      if (!this.ended) to.onmessage?.({ data: copy });
    });
  }
}

class WorkerReader extends AbstractMessageReader {
  private readonly worker: FakeWorker;

  constructor(worker: FakeWorker) {
    super();
    this.worker = worker;
  }

  listen(callback: DataCallback) {
    this.worker.onmessage = ({ data }) => callback(data as Message);
    return { dispose: () => {} };
  }
}

class WorkerWriter extends AbstractMessageWriter {
  private readonly worker: FakeWorker;

  constructor(worker: FakeWorker) {
    super();
    this.worker = worker;
  }

  write(message: Message): Promise<void> {
    this.worker.postMessage(message);
    return Promise.resolve();
  }

  end(): void {}
}

it('talks to an editor from a web worker, and executes in another one', async () => {
  const worker = new FakeWorker('https://example.org/main-browser.js');
  const client = await clientOf(new WorkerReader(worker), new WorkerWriter(worker));
  await converse(client);
});

it('has nothing of Node in it', () => {
  expect(bundle).not.toMatch(/(?:from|require\(|import\()\s*["']node:/);
});
