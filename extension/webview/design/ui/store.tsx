/** The store that is looked at: which one, how it keeps its data, its partitions and their quorums. */
import type { Partition } from '@dsys/runtime/design/store';
import type { JSX } from 'preact';
import { keyOf } from '../model/parts.ts';
import { sharedBy, wordsOf } from '../model/quorums.ts';
import { mechanismText, partitioningText, shortName } from '../model/roles.ts';
import { counted, listed } from '../model/words.ts';
import { Inline, QuorumMark, SeverityGlyph } from './glyphs.tsx';
import { choosePartition, chooseStore, toggle, type View } from './view.ts';

type Props = { readonly view: View };

/** More partitions than this are shown as groups of neighbours. */
export const MOST_CHIPS = 24;
/** Into so many groups, unless one of them would be too small to be worth it. */
const MOST_GROUPS = 8;

export function StoreChips({ view }: Props): JSX.Element {
  const stores = view.shown.value?.design.stores ?? [];
  const current = view.store.value;
  const lit = new Set(view.highlighted.value.map(({ key }) => key));
  if (stores.length === 0) return <p class="muted chips">No store stands on these nodes yet.</p>;
  return (
    <div class="chips" role="group" aria-label="Store that is looked at">
      <span class="chips-name">{stores.length === 1 ? 'Store' : 'Stores'}</span>
      {stores.map(({ name }) => (
        <button
          key={name}
          type="button"
          class={lit.has(keyOf('store', name)) ? 'lit' : undefined}
          aria-pressed={name === current?.name}
          onClick={() => chooseStore(view, name)}
        >
          {name}
          <ChipBadge view={view} part={keyOf('store', name)} />
        </button>
      ))}
    </div>
  );
}

function ChipBadge({ view, part }: Props & { readonly part: string }): JSX.Element | null {
  const badge = view.badges.value.get(part);
  if (badge === undefined) return null;
  return (
    <>
      <Inline>
        <SeverityGlyph severity={badge.severity} />
      </Inline>
      <span class="hidden-text">{counted(badge.count, 'finding')}</span>
    </>
  );
}

export function StorePanel({ view }: Props): JSX.Element | null {
  const store = view.store.value;
  const design = view.shown.value?.design;
  if (store === null || design === undefined) return null;
  const { claims } = store;
  return (
    <section class="store" aria-label={`Store ${store.name}`}>
      <p>
        {store.model} on {listed(store.clusters) || 'no cluster'}: {partitioningText(store)}.{' '}
        {sentence(mechanismText(design, store.mechanism))}
      </p>
      <p class="muted">
        {claims.length === 0 ? 'Nothing is claimed of it.' : `Claims: ${claims.map(({ text }) => text).join(' · ')}`}
      </p>
      <Partitions view={view} />
      <Quorums view={view} />
    </section>
  );
}

const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;

function Partitions({ view }: Props): JSX.Element | null {
  const all = view.partitions.value;
  if (all.length < 2) return null;
  const groups = groupsOf(all);
  const chosen = view.partition.value;
  const open = groups.filter(({ key }) => view.expanded.value.has(key));
  return (
    <div class="partitions">
      <div class="chips" role="group" aria-label={`${all.length} partitions`}>
        <span class="chips-name">{counted(all.length, 'partition')}</span>
        {groups.length === 1
          ? all.map(one => <PartitionChip key={one.name} view={view} partition={one} />)
          : groups.map(({ key, members, title }) => (
              <button
                key={key}
                type="button"
                class={members.some(one => one === chosen) ? 'holds-chosen' : undefined}
                aria-expanded={view.expanded.value.has(key)}
                onClick={() => toggle(view, key)}
              >
                {title} <small>{members.length}</small>
              </button>
            ))}
        {groups.length > 1 && chosen !== null && !open.some(({ members }) => members.includes(chosen)) && (
          <PartitionChip view={view} partition={chosen} />
        )}
      </div>
      {open.map(({ key, members, title }) => (
        <div key={key} class="chips" role="group" aria-label={`Partitions ${title}`}>
          {members.map(one => (
            <PartitionChip key={one.name} view={view} partition={one} />
          ))}
        </div>
      ))}
    </div>
  );
}

interface Neighbours {
  readonly key: string;
  readonly title: string;
  readonly members: readonly Partition[];
}

function groupsOf(all: readonly Partition[]): readonly Neighbours[] {
  const size = all.length <= MOST_CHIPS ? all.length : Math.max(8, Math.ceil(all.length / MOST_GROUPS));
  return Array.from({ length: Math.ceil(all.length / size) }, (_, i) => {
    const members = all.slice(i * size, (i + 1) * size);
    const title = `${shortName(members[0]!)} – ${shortName(members.at(-1)!)}`;
    return { key: `partitions:${members[0]!.name}`, title, members };
  });
}

function PartitionChip({ view, partition }: Props & { readonly partition: Partition }): JSX.Element {
  const isLit = view.highlighted.value.some(({ key }) => key === keyOf('partition', partition.id));
  return (
    <button
      type="button"
      class={isLit ? 'lit' : undefined}
      aria-pressed={view.partition.value === partition}
      onClick={() => choosePartition(view, partition)}
    >
      {shortName(partition)}
      <ChipBadge view={view} part={keyOf('partition', partition.id)} />
    </button>
  );
}

/** What each quorum needs, and which nodes the picture marks as one of the smallest. */
function Quorums({ view }: Props): JSX.Element | null {
  const partition = view.partition.value;
  const examples = view.examples.value;
  const nodes = view.shown.value?.design.nodes ?? [];
  if (partition === null) return <SameEverywhere view={view} />;
  if (examples.length === 0) return null;
  const shared = sharedBy(examples);
  const names = (ids: readonly number[]): string => listed(ids.map(id => nodes[id]!.name));
  return (
    <ul class="quorums" aria-label={`Quorums of ${partition.name}`}>
      {examples.map(({ word, letter, text, purpose, nodes: ids }, i) => (
        <li key={word}>
          <svg class="quorum" viewBox="-10 -10 20 20" width="20" height="20" aria-hidden="true" focusable="false">
            <QuorumMark letter={letter} place={i} />
          </svg>
          <span>
            <b>{text}</b>
            {purpose !== '' && ` ${purpose}`}
            {ids.length > 0 && <span class="muted">: such as {names(ids)}</span>}
          </span>
        </li>
      ))}
      {shared !== null && (
        <li class="muted">{shared.length === 0 ? 'These two share no node.' : `These two share ${names(shared)}.`}</li>
      )}
    </ul>
  );
}

/** Without a chosen partition, quorums are told where they are the same in each. */
function SameEverywhere({ view }: Props): JSX.Element | null {
  const texts = new Set(
    view.partitions.value.map(({ quorums }) =>
      Object.entries(quorums)
        .map(([word, quorum]) => wordsOf(word, quorum))
        .join(', '),
    ),
  );
  const [only] = texts;
  const hint = 'Choose a partition to see its copies and quorums.';
  if (only === undefined) return null;
  const said = texts.size > 1 ? 'Quorums differ between partitions.' : only === '' ? '' : `Each partition: ${only}.`;
  return (
    <p class="muted">
      {said} {hint}
    </p>
  );
}
