/** A client that speaks the Language Server Protocol with a server, for tests and benchmarks: it waits for messages, never for time. */
import { type ChildProcess, spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { PassThrough } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { EmptyFileSystem } from 'langium';
import {
  createConnection,
  createProtocolConnection,
  type Diagnostic,
  type InitializeResult,
  IPCMessageReader,
  IPCMessageWriter,
  type MessageReader,
  type MessageWriter,
  ProposedFeatures,
  type ProtocolConnection,
  type PublishDiagnosticsParams,
  StreamMessageReader,
  StreamMessageWriter,
} from 'vscode-languageserver/node';
import { type InitializationOptions, notifications, type VerdictsParams } from '../protocol.ts';
import { type Host, startServer } from '../server.ts';

export interface Client {
  readonly connection: ProtocolConnection;
  readonly serverInfo: InitializeResult['serverInfo'];
  open(uri: string, text: string): void;
  /** Replaces the whole text, as one change. */
  change(uri: string, text: string): void;
  /** The next diagnostics of a file that are as wanted, of those that no earlier call has seen. */
  diagnostics(uri: string, isWanted?: (found: readonly Diagnostic[]) => boolean): Promise<readonly Diagnostic[]>;
  verdicts(isWanted: (verdicts: VerdictsParams) => boolean): Promise<VerdictsParams>;
  /** The next message that the user is shown: also one that came before anybody asked. */
  message(): Promise<string>;
  /** Requests of the server's that need no answer. */
  readonly refreshed: string[];
  /** `shutdown` and `exit`. */
  end(): Promise<void>;
}

interface Asked<T> {
  readonly isWanted: (one: T) => boolean;
  readonly resolve: (one: T) => void;
}

/** Messages in the order of their arrival; a wanted one is taken with those before it. */
function mailbox<T>() {
  let arrived: T[] = [];
  const waiting: Asked<T>[] = [];
  return {
    add(one: T) {
      const index = waiting.findIndex(({ isWanted }) => isWanted(one));
      if (index >= 0) waiting.splice(index, 1)[0]!.resolve(one);
      else arrived.push(one);
    },
    next: (isWanted: (one: T) => boolean) =>
      new Promise<T>(resolve => {
        const index = arrived.findIndex(isWanted);
        if (index < 0) waiting.push({ isWanted, resolve });
        else {
          resolve(arrived[index]!);
          arrived = arrived.slice(index + 1);
        }
      }),
  };
}

/** @param settings what `workspace/configuration` answers */
export async function clientOf(
  reader: MessageReader,
  writer: MessageWriter,
  {
    settings = {},
    folder,
    initializationOptions,
  }: {
    readonly settings?: unknown;
    readonly folder?: string;
    readonly initializationOptions?: InitializationOptions;
  } = {},
): Promise<Client> {
  const connection = createProtocolConnection(reader, writer);
  const boxes = new Map<string, ReturnType<typeof mailbox<PublishDiagnosticsParams>>>();
  const boxOf = (uri: string) => {
    const box = boxes.get(uri) ?? mailbox<PublishDiagnosticsParams>();
    boxes.set(uri, box);
    return box;
  };
  const verdicts = mailbox<VerdictsParams>();
  const messages = mailbox<string>();
  const refreshed: string[] = [];
  const versions = new Map<string, number>();
  connection.onNotification('textDocument/publishDiagnostics', (one: PublishDiagnosticsParams) =>
    boxOf(one.uri).add(one),
  );
  connection.onNotification(notifications.verdicts, (one: VerdictsParams) => verdicts.add(one));
  connection.onNotification('window/showMessage', ({ message }: { message: string }) => messages.add(message));
  connection.onRequest('workspace/configuration', ({ items }: { items: unknown[] }) => items.map(() => settings));
  for (const method of ['workspace/codeLens/refresh', 'client/registerCapability']) {
    connection.onRequest(method, () => {
      refreshed.push(method);
      return null;
    });
  }
  connection.listen();
  const { serverInfo } = await connection.sendRequest<InitializeResult>('initialize', {
    processId: process.pid,
    initializationOptions,
    rootUri: null,
    workspaceFolders: folder === undefined ? null : [{ uri: folder, name: 'test' }],
    capabilities: {
      workspace: { configuration: true, codeLens: { refreshSupport: true } },
      textDocument: { codeLens: {} },
    },
  });
  await connection.sendNotification('initialized', {});
  return {
    connection,
    serverInfo,
    refreshed,
    open(uri, text) {
      versions.set(uri, 1);
      const textDocument = { uri, languageId: 'dsys', version: 1, text };
      void connection.sendNotification('textDocument/didOpen', { textDocument });
    },
    change(uri, text) {
      const version = versions.get(uri)! + 1;
      versions.set(uri, version);
      void connection.sendNotification('textDocument/didChange', {
        textDocument: { uri, version },
        contentChanges: [{ text }],
      });
    },
    diagnostics: async (uri, isWanted = () => true) =>
      (await boxOf(uri).next(({ diagnostics }) => isWanted(diagnostics))).diagnostics,
    verdicts: isWanted => verdicts.next(isWanted),
    message: () => messages.next(() => true),
    async end() {
      await connection.sendRequest('shutdown');
      await connection.sendNotification('exit');
      connection.dispose();
    },
  };
}

export const main = join(dirname(fileURLToPath(import.meta.url)), '..', 'main.ts');

/** The server as a process of its own. @param words the program and its arguments; left out: `main.ts` from source */
export async function processClient(
  words: readonly string[] = [main, '--stdio'],
  options: Parameters<typeof clientOf>[2] = {},
): Promise<{ readonly client: Client; readonly child: ChildProcess; readonly ended: Promise<number | null> }> {
  const isIpc = words.includes('--node-ipc');
  const child = spawn(process.execPath, words, {
    stdio: ['pipe', 'pipe', 'inherit', ...(isIpc ? (['ipc'] as const) : [])],
  });
  const ended = new Promise<number | null>(resolve => child.on('exit', resolve));
  const client = isIpc
    ? await clientOf(new IPCMessageReader(child), new IPCMessageWriter(child), options)
    : await clientOf(new StreamMessageReader(child.stdout!), new StreamMessageWriter(child.stdin!), options);
  return { client, child, ended };
}

/** The server in this process, still over messages. */
export function localClient(host: Partial<Host>, options: Parameters<typeof clientOf>[2] = {}): Promise<Client> {
  const [up, down] = [new PassThrough(), new PassThrough()];
  const connection = createConnection(ProposedFeatures.all, new StreamMessageReader(up), new StreamMessageWriter(down));
  const startWorker = () => {
    throw new Error('this test runs nothing');
  };
  startServer(connection, { ...EmptyFileSystem, startWorker, ...host });
  return clientOf(new StreamMessageReader(down), new StreamMessageWriter(up), options);
}
