/** Regions, clusters, the network between them, and what may go wrong there. */
import { messageClasses } from '@dsys/runtime/design/topology';
import type { Choices } from './choices.ts';
import { block, someOf } from './layout.ts';
import { bandwidth, distribution, duration, onOff, percent, rate } from './values.ts';

export interface Node {
  readonly name: string;
  readonly cluster: string;
  readonly role: 'nodes' | 'witness' | 'observer' | 'spare';
  readonly region: string | null;
}

export interface Cluster {
  readonly name: string;
  readonly nodes: readonly Node[];
}

export interface Places {
  readonly regions: readonly string[];
  /** `frankfurt.a` */
  readonly zones: readonly string[];
  readonly clusters: readonly Cluster[];
  readonly declarations: readonly string[];
}

export const nodesOf = ({ clusters }: Places, role?: Node['role']): Node[] =>
  clusters.flatMap(({ nodes }) => nodes.filter(node => role === undefined || node.role === role));

/** Words that mean somebody else among the targets of an action, unless the cluster stands before them. */
const roleWords = ['leader', 'follower', 'majority', 'rest', 'all'];

export const nameOf = (c: Choices, { name, cluster }: Node): string =>
  roleWords.includes(name) || c.chance(15) ? `${cluster}.${name}` : name;

/** A region, zone, cluster or node. */
export const anyPlace = (c: Choices, places: Places): string => {
  const node = c.pick(nodesOf(places));
  return c.pick([nameOf(c, node), node.cluster, ...places.regions, ...places.zones]);
};

/** Clusters, and what is common to many nodes. */
export const anyDomain = (c: Choices, { clusters, regions, zones }: Places): string =>
  c.pick([...regions, ...zones, ...clusters.map(({ name }) => name)]);

export function randomPlaces(c: Choices): Places {
  const regions = c.some(['frankfurt', 'virginia', 'ap-south-1'], 0);
  const zonesOf = regions.map(region => ({ region, zones: c.some(['a', 'b', 'c', 'p1'], 0) }));
  const zones = zonesOf.flatMap(({ region, zones: names }) => names.map(name => `${region}.${name}`));
  const clusters = c
    .some(['db', 'eu', 'old', 'log'], 1, 3)
    .map((name, index) => randomCluster(c, name, index, { regions, zones }));
  const places = { regions, zones, clusters: clusters.map(({ cluster }) => cluster) };
  const declared = zonesOf.map(({ region, zones: names }) =>
    names.length === 0 && c.chance(50) ? `region ${region}` : block(c, `region ${region}`, zoneLines(c, names)),
  );
  const all = { ...places, declarations: [] };
  return {
    ...places,
    declarations: [
      ...declared,
      ...(c.chance(60) ? [randomNetwork(c, all)] : []),
      ...clusters.map(({ text }) => text),
      ...(c.chance(50) ? [randomFaults(c)] : []),
    ],
  };
}

const zoneLines = (c: Choices, names: readonly string[]): string[] => {
  if (names.length < 2 || c.chance(70)) return names.length === 0 ? [] : [`zones ${names.join(', ')}`];
  return names.map(name => `zones ${name}`);
};

const hardware = (c: Choices): string[] =>
  someOf(
    c,
    [
      () =>
        block(c, 'disk', c.pick([[`fsync ${distribution(c)}`], ['volatile'], [`volatile ${onOff(c)}`, 'fsync 2ms']])),
      () =>
        block(
          c,
          'clock',
          someOf(c, [
            () => `skew ${c.pick(['0s', '10ms', '250ms'])}`,
            () => `drift ${c.pick(['0', '50', '20000.5'])}ppm`,
            () => `max-offset ${duration(c)}`,
            () => `timers ${c.pick(['monotonic', 'wall'])}`,
          ]),
        ),
      () => block(c, 'reliability', someOf(c, [() => `mtbf ${duration(c)}`, () => `mttr ${duration(c)}`], 70)),
      () => `capacity ${c.pick([`read ${rate(c)}`, `write ${rate(c)}`, `read ${rate(c)} write ${rate(c)}`])}`,
    ],
    30,
  );

/** Names of nodes that are words of the language, too. */
const wordyNames = ['leader', 'follower', 'disk', 'p99', 'weight', 'store', 'at', 'majority', 'rest'];

function randomCluster(
  c: Choices,
  name: string,
  index: number,
  { regions, zones }: Pick<Places, 'regions' | 'zones'>,
): { readonly cluster: Cluster; readonly text: string } {
  const nodes: Node[] = [];
  let counted = 0;
  let named = 0;
  const newName = (letter: string): string => {
    named++;
    const wordy = wordyNames[index * 3 + named - 1];
    return wordy !== undefined && named <= 3 && c.chance(25) ? wordy : `${letter}${index}${named}`;
  };
  const line = (role: Node['role'], text: string, names: readonly string[]): string => {
    const place = c.pick([null, ...regions, ...zones, ...regions, ...zones]);
    const region = place === null ? null : place.split('.')[0]!;
    nodes.push(...names.map(each => ({ name: each, cluster: name, role, region })));
    const head = `${role} ${text}${place === null ? '' : ` in ${place}`}`;
    return c.chance(20) ? block(c, head, hardware(c)) : head;
  };
  const several = (role: Node['role'], letter: string, most: number): string => {
    const names = c.list(1, most, () => newName(letter));
    if (role === 'nodes') counted += names.length;
    return line(role, names.join(', '), names);
  };
  const counting = (): string => {
    const count = c.between(1, 4);
    const names = Array.from({ length: count }, (_, i) => `${name}${counted + i + 1}`);
    counted += count;
    return line('nodes', String(count), names);
  };
  const lines = [
    counting(),
    ...(c.chance(50) ? [several('nodes', 'n', 3)] : []),
    ...(c.chance(15) ? [counting()] : []),
    ...(c.chance(40) ? [several('witness', 'w', 2)] : []),
    ...(c.chance(35) ? [several('observer', 'o', 1)] : []),
    ...(c.chance(40) ? [several('spare', 'z', 2)] : []),
  ];
  return { cluster: { name, nodes }, text: block(c, `cluster ${name}`, [...lines, ...hardware(c)]) };
}

const linkOptions = (c: Choices): string[] => [
  ...someOf(c, [
    () => `latency ${distribution(c)}`,
    () => `loss ${percent(c, 30)}`,
    () => `duplicate ${percent(c, 10)}`,
    () => `reorder ${percent(c, 10)}`,
    () => `bandwidth ${bandwidth(c)}`,
  ]),
  ...c.some(messageClasses, 0, 2).map(kind => `latency ${kind} ${distribution(c)}`),
];

function randomNetwork(c: Choices, places: Places): string {
  const links = c.list(0, 3, () => {
    const [left, right] = [anyPlace(c, places), anyPlace(c, places)];
    const head = c.pick([`between ${left} and ${right}`, `from ${left} to ${right}`, `within ${left}`]);
    return block(c, head, linkOptions(c));
  });
  return block(c, 'network', [...linkOptions(c), ...links]);
}

const randomFaults = (c: Choices): string =>
  block(
    c,
    'faults',
    someOf(c, [
      ...['outage', 'pause', 'cut', 'delay'].map(kind => () => `${kind} up to ${c.pick(['0s', duration(c), '12h'])}`),
      () => c.pick(['corruption', 'corruption off', 'corruption on']),
    ]),
  );
