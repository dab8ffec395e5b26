/**
 * Chain replication: state, messages, disk. The paper's names: `base` and `log` are Hist, what it holds after `stable` is
 * Sent.
 * An entry's `term` is the epoch in which the head put it in order.
 */
import type { Value } from '../../checkers/history.ts';
import type { Chain } from '../../design/mechanism.ts';
import type { NodeId } from '../../design/topology.ts';
import type { AdminRequest, ClientRequest, Command, DiskFormat, Io, NodeContext, Reply } from '../contract.ts';
import { compactLog, emptyLog, type Log, writeEntries } from '../log.ts';
import type { Machine, MachineImage } from '../machine.ts';
import { type Configuration, unknownConfiguration } from './configuration.ts';

export interface Entry {
  readonly term: number;
  readonly command: Command;
  readonly session: ClientRequest['session'];
}

/** The history up to a position, as a new tail gets it. */
export interface Copy {
  readonly index: number;
  readonly term: number;
  readonly image: MachineImage;
}

export type ChainMessage =
  /** Updates that follow the receiver's first `prev` ones. */
  | {
      readonly type: 'forward';
      readonly epoch: number;
      readonly prev: number;
      readonly entries: readonly Entry[];
      readonly stable: number;
    }
  /** To the predecessor: `received` updates are on disk here, `stable` of them at the tail. Sent now and then, too. */
  | { readonly type: 'ack'; readonly epoch: number; readonly received: number; readonly stable: number }
  /** To the successor. */
  | { readonly type: 'heartbeat'; readonly epoch: number; readonly stable: number }
  /** As the configuration service has it. */
  | { readonly type: 'new-config'; readonly configuration: Configuration }
  | { readonly type: 'join'; readonly epoch: number }
  | { readonly type: 'extend-copy'; readonly epoch: number; readonly copy: Copy };

export type ChainWrite =
  | { readonly kind: 'configuration'; readonly configuration: Configuration }
  | { readonly kind: 'entries'; readonly from: number; readonly entries: readonly Entry[] }
  /** In place of everything there was: a copy from the tail. */
  | { readonly kind: 'copy'; readonly copy: Copy }
  /** In place of the updates up to its index. */
  | { readonly kind: 'fold'; readonly copy: Copy };

export interface ChainDisk {
  configuration: Configuration;
  base: Copy | null;
  log: Log<Entry>;
}

/** The connection to whoever comes next, in the sender's numbers; as a stream, it begins anew with every epoch. */
export interface Link {
  readonly node: NodeId;
  /** It gets what it lacks; not so, with `resend off`, after a repair. */
  readonly resend: boolean;
  /** It has told how much it has: until then nothing is sent. */
  open: boolean;
  next: number;
  received: number;
  /** How many updates were left out for good (`resend off`): so much smaller are the receiver's numbers. */
  offset: number;
  heardNs: number;
  /** When `received` last grew, or sending began again. */
  progressNs: number;
}

/** A tail that is about to be followed by another one. */
export interface Extension {
  readonly link: Link;
  copied: boolean;
  copySentNs: number;
  /** The service has been asked to let it in: until the epoch ends, nothing counts that the new tail does not have. */
  deciding: boolean;
}

export interface PendingRead {
  readonly request: ClientRequest;
  /** The question to the service that must be answered, or a later one. */
  readonly round: number;
  /** Once confirmed: what is answered when `index` is stable. */
  found: { readonly index: number; readonly reading: Reply } | null;
}

/** What an answer of the configuration service is about, by token. */
export type Call =
  | { readonly kind: 'ask' }
  | { readonly kind: 'propose'; readonly configuration: Configuration; readonly admin: AdminRequest | null };

export interface ChainState {
  readonly context: NodeContext<Chain>;
  // Durable.
  configuration: Configuration;
  log: Log<Entry>;
  base: Copy | null;
  // Volatile.
  /**
   * Booted without a disk, and it is not sure yet that the service counts on nothing that stood on one: it may be the
   * first boot, or the disk was lost. Such a node takes no part.
   */
  fresh: boolean;
  /** Since its boot, its neighbours have shown that it has what they rely on. Without a master, nothing else tells of a lost disk. */
  connected: boolean;
  /**
   * Booted as the tail: it may have proposed another tail before its crash, and does not remember. The next epoch, which
   * it proposes itself, settles it.
   */
  unsettled: boolean;
  machine: Machine;
  /** Updates known to be on this node's disk. */
  synced: number;
  /** Updates known to be at the tail. */
  stable: number;
  downstream: Link | null;
  upstreamHeardNs: number;
  extension: Extension | null;
  /** Not in the chain: the epoch in which the tail's copy arrived; -1: none has. */
  copiedIn: number;
  /** Head: requests to answer when their update is stable, by index. */
  pending: Record<number, { readonly request: ClientRequest; readonly output: Value | undefined }>;
  reads: PendingRead[];
  // The configuration service.
  calls: Record<number, Call>;
  nextToken: number;
  /** The latest question, and whether it is still open. */
  asked: { readonly token: number; readonly ns: number; open: boolean };
  /** The latest question that was answered. */
  confirmed: number;
  proposal: { readonly token: number; readonly ns: number } | null;
}

export type ChainIo = Io<ChainMessage, ChainWrite>;

export const chainDisk: DiskFormat<ChainWrite, ChainDisk> = {
  empty: () => ({ configuration: unknownConfiguration, base: null, log: emptyLog() }),
  apply(image, write) {
    switch (write.kind) {
      case 'configuration':
        image.configuration = write.configuration;
        break;
      case 'entries':
        writeEntries(image.log, write.from, write.entries);
        break;
      case 'copy':
        image.base = write.copy;
        image.log = emptyLog(write.copy.index, write.copy.term);
        break;
      case 'fold':
        image.base = write.copy;
        compactLog(image.log, write.copy.index, write.copy.term);
        break;
    }
  },
};

/** How often neighbours show that they are there. */
export const tickNs = 50_000_000;
/** A neighbour that was silent for so long is taken out of the chain. */
export const detectNs = 500_000_000;
/** Updates, copies, questions and proposals are sent again when so long nothing came of them. */
export const againNs = 200_000_000;
/** The service is asked at least this often, so that a node hears that it was taken out. */
export const pollNs = 400_000_000;
