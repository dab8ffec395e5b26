/** How the selected event and the one kept beside it are related, and over which messages. */

import { useComputed } from '@preact/signals';
import type { JSX } from 'preact';
import { relationOf, turnsOf } from '../model/relation.ts';
import { grouped } from '../model/times.ts';
import { relateTo } from './commands.ts';
import { EventLink } from './event-link.tsx';
import type { Viewer } from './viewer.ts';

/** Most events of a path that are laid out. */
const MAX_TURNS = 60;

export function RelationTo({ viewer }: { readonly viewer: Viewer }): JSX.Element | null {
  const { causality } = viewer.opened.value!;
  const event = viewer.event.value;
  const second = viewer.second.value;
  const relation = useComputed(() =>
    viewer.second.value < 0 || viewer.event.value < 0
      ? null
      : relationOf(viewer.opened.value!.causality, viewer.event.value, viewer.second.value),
  ).value;
  if (second < 0 || event < 0) {
    return (
      <p>
        <button type="button" onClick={() => relateTo(viewer, event)}>
          Compare with another event
        </button>
      </p>
    );
  }
  if (relation === null) return null;
  const turns = turnsOf(causality, relation.path);
  const verdict = {
    same: 'This is the event itself: select another one.',
    before: `#${event} happened before #${second}.`,
    after: `#${second} happened before #${event}.`,
    concurrent: `#${event} and #${second} are concurrent: neither can have known of the other.`,
  }[relation.kind];
  return (
    <>
      <h3>Compared with event {grouped(second)}</h3>
      <p class="relation">
        <b>{verdict}</b>{' '}
        <button type="button" onClick={() => relateTo(viewer, second)}>
          Let go
        </button>
      </p>
      {turns.length > 1 && (
        <ol class="list">
          {turns.slice(0, MAX_TURNS).map(one => (
            <li key={one}>
              <EventLink viewer={viewer} event={one} />
            </li>
          ))}
        </ol>
      )}
      {turns.length > MAX_TURNS && <p class="muted">and {grouped(turns.length - MAX_TURNS)} more</p>}
    </>
  );
}
