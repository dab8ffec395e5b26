/** The state of the view, as signals, and what follows from it. */
import type { Design } from '@dsys/runtime/design/design';
import type { SourceRange } from '@dsys/runtime/design/source';
import type { Partition, Store } from '@dsys/runtime/design/store';
import { computed, effect, type ReadonlySignal, type Signal, signal } from '@preact/signals';
import type { DesignHost } from '../host.ts';
import { layoutOf } from '../layout/layout.ts';
import type { Layout } from '../layout/shapes.ts';
import { type Badge, badgesOf, type Placed, placeFindings } from '../model/findings.ts';
import { fileOf, keyOf, type Part, partsAt, partsOf } from '../model/parts.ts';
import { type Picture, pictureOf } from '../model/picture.ts';
import { examplesOf, type QuorumExample } from '../model/quorums.ts';
import { holdingsOf, leadersOf } from '../model/roles.ts';
import type { ShowParams, TextRange, ViewState } from '../protocol.ts';
import { measure } from './measure.ts';

export interface View {
  readonly host: DesignHost;
  /** null: there is nothing to show, and `message` says why. */
  readonly shown: Signal<ShowParams | null>;
  readonly message: Signal<string>;
  readonly cursor: Signal<number>;
  /** Names, because a design is made anew with each edit. */
  readonly storeName: Signal<string | null>;
  readonly partitionName: Signal<string | null>;
  /** Groups of nodes and of partitions that somebody wants to see whole. */
  readonly expanded: Signal<ReadonlySet<string>>;
  readonly zoom: Signal<number>;
  readonly width: Signal<number>;
  /** The stop of the picture that Tab leads to. */
  readonly focus: Signal<string | null>;

  readonly parts: ReadonlySignal<readonly Part[]>;
  readonly store: ReadonlySignal<Store | null>;
  readonly partitions: ReadonlySignal<readonly Partition[]>;
  /** The chosen one, or the only one. */
  readonly partition: ReadonlySignal<Partition | null>;
  readonly examples: ReadonlySignal<readonly QuorumExample[]>;
  readonly highlighted: ReadonlySignal<readonly Part[]>;
  readonly findings: ReadonlySignal<readonly Placed[]>;
  readonly badges: ReadonlySignal<ReadonlyMap<string, Badge>>;
  readonly picture: ReadonlySignal<Picture | null>;
  readonly layout: ReadonlySignal<Layout | null>;
}

/** What survives the page. */
interface Saved {
  readonly store: string | null;
  readonly partition: string | null;
  readonly zoom: number;
}

export function createView(host: DesignHost): View {
  const saved = host.saved() as Partial<Saved> | undefined;
  const shown = signal<ShowParams | null>(null);
  const cursor = signal(0);
  const storeName = signal<string | null>(saved?.store ?? null);
  const partitionName = signal<string | null>(saved?.partition ?? null);
  const expanded = signal<ReadonlySet<string>>(new Set());
  const zoom = signal(typeof saved?.zoom === 'number' ? saved.zoom : 1);
  const width = signal(600);

  const design = computed<Design | null>(() => shown.value?.design ?? null);
  const parts = computed(() => (design.value === null ? [] : partsOf(design.value)));
  const store = computed(() => {
    const stores = design.value?.stores ?? [];
    return stores.find(({ name }) => name === storeName.value) ?? stores[0] ?? null;
  });
  const partitions = computed(() => store.value?.partitions.map(id => design.value!.partitions[id]!) ?? []);
  const partition = computed(() => {
    const all = partitions.value;
    return all.length === 1 ? all[0]! : (all.find(({ name }) => name === partitionName.value) ?? null);
  });
  const examples = computed(() => {
    const [one, own] = [partition.value, store.value];
    return one === null || own === null ? [] : examplesOf(one, leadersOf(own.mechanism, one));
  });
  const file = computed(() => (shown.value === null ? -1 : fileOf(shown.value.design, shown.value.uri)));
  const highlighted = computed(() =>
    design.value === null || file.value < 0 ? [] : partsAt(design.value, parts.value, file.value, cursor.value),
  );
  const findings = computed(() => placeFindings(parts.value, file.value, shown.value?.findings ?? []));
  const badges = computed(() => badgesOf(findings.value));
  const picture = computed(() => {
    if (design.value === null) return null;
    const holdings = store.value === null ? new Map() : holdingsOf(design.value, store.value);
    const lit = new Set(highlighted.value.map(({ key }) => key));
    const one = partition.value;
    const among = new Set(one === null ? [] : [...one.replicas, ...one.witnesses, ...one.observers]);
    // Of a partition that is all of its store, everybody has a copy: then numbers say as much.
    const chosen = partitions.value.length > 1;
    const matters = ({ id }: { readonly id: number }): boolean =>
      (chosen && among.has(id)) || lit.has(keyOf('node', id)) || badges.value.has(keyOf('node', id));
    const look = {
      design: design.value,
      store: store.value,
      partition: one,
      holdings,
      examples: examples.value,
    };
    return pictureOf(look, matters, expanded.value);
  });
  const layout = computed(() =>
    picture.value === null ? null : layoutOf({ ...picture.value.input, width: width.value, measure }),
  );
  const view: View = {
    host,
    shown,
    message: signal('Waiting for the design.'),
    cursor,
    storeName,
    partitionName,
    expanded,
    zoom,
    width,
    focus: signal(null),
    parts,
    store,
    partitions,
    partition,
    examples,
    highlighted,
    findings,
    badges,
    picture,
    layout,
  };
  // The store at the cursor is the one that is meant.
  effect(() => {
    const named = storeAt(highlighted.value, design.value);
    if (named === null) return;
    storeName.value = named.store;
    if (named.partition !== null) partitionName.value = named.partition;
  });
  effect(() => host.save({ store: storeName.value, partition: partitionName.value, zoom: zoom.value } satisfies Saved));
  effect(() => {
    if (shown.value !== null) host.state(stateOf(view, shown.value));
  });
  return view;
}

function storeAt(parts: readonly Part[], design: Design | null): { store: string; partition: string | null } | null {
  for (const { kind, key } of parts) {
    if (kind === 'store') return { store: key.slice('store:'.length), partition: null };
    const partition = kind === 'partition' ? design?.partitions[Number(key.slice('partition:'.length))] : undefined;
    if (partition !== undefined) return { store: partition.store, partition: partition.name };
  }
  return null;
}

const stateOf = (view: View, { design, name, isBroken }: ShowParams): ViewState => ({
  name,
  isBroken,
  stores: design.stores.map(one => one.name),
  store: view.store.value?.name ?? null,
  partition: view.partition.value?.name ?? null,
  nodes: design.nodes.map(one => one.name),
  highlighted: view.highlighted.value.map(({ title }) => title),
  findings: view.findings.value.length,
});

/** Leads to the text of a part. */
export function revealPart(view: View, key: string | null): void {
  const part = view.parts.value.find(one => one.key === key);
  if (part !== undefined) revealRange(view, part.at);
}

/** Leads to a place in one of the design's files. */
export function revealRange(view: View, { file, start, end }: SourceRange): void {
  const uri = view.shown.value?.design.files[file]?.uri;
  const range: TextRange = { start, end };
  if (uri !== undefined) view.host.reveal({ uri, range });
}

export function chooseStore(view: View, name: string): void {
  view.storeName.value = name;
  view.partitionName.value = null;
  revealPart(view, keyOf('store', name));
}

/** A second time lets go of it. */
export function choosePartition(view: View, { id, name }: Partition): void {
  const isChosen = view.partitionName.value === name;
  view.partitionName.value = isChosen ? null : name;
  if (!isChosen) revealPart(view, keyOf('partition', id));
}

export function toggle(view: View, group: string): void {
  const next = new Set(view.expanded.value);
  if (!next.delete(group)) next.add(group);
  view.expanded.value = next;
}

const [LEAST_ZOOM, MOST_ZOOM] = [0.3, 4];

export function zoomBy(view: View, factor: number): void {
  view.zoom.value = Math.min(MOST_ZOOM, Math.max(LEAST_ZOOM, view.zoom.value * factor));
}

/** As large as it is meant, or as small as it must be to be seen whole. */
export function fit(view: View): void {
  const { layout, width, zoom } = view;
  zoom.value = Math.max(LEAST_ZOOM, Math.min(1, width.value / (layout.value?.width ?? width.value)));
}
