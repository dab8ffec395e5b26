/** What follows from the design without a run: one card per store, that of the store which is looked at open. */
import type { JSX } from 'preact';
import type { FactRow, StoreCard } from '../protocol.ts';
import { Staleness } from './staleness.tsx';
import type { View } from './view.ts';

export function Facts({ view }: { readonly view: View }): JSX.Element {
  const { facts, design } = view.shown.value!;
  const current = view.store.value?.name;
  return (
    <section class="facts-of-stores" aria-labelledby="facts-title">
      <h2 id="facts-title">Facts</h2>
      {'missing' in facts ? (
        <p class="muted">Unknown: {facts.missing}</p>
      ) : facts.stores.length === 0 ? (
        <p class="muted">{design.stores.length === 0 ? 'There is no store.' : 'Nothing is known of these stores.'}</p>
      ) : (
        facts.stores.map(card => <Card key={card.store} card={card} isOpen={card.store === current} />)
      )}
    </section>
  );
}

const shownOf = (rows: readonly FactRow[], name: string): string | null =>
  rows.find(row => row.name === name)?.value ?? null;

function Card({ card, isOpen }: { readonly card: StoreCard; readonly isOpen: boolean }): JSX.Element {
  const { store, rows, staleness } = card;
  return (
    <details class="card-of-store" open={isOpen}>
      <summary>
        <b>{store}</b> {shownOf(rows, 'consistency') ?? 'consistency unknown'} · CAP {shownOf(rows, 'CAP') ?? 'unknown'}
      </summary>
      <dl>
        {rows.map(row => (
          <div key={row.name} class={row.value === null ? 'unknown' : undefined}>
            <dt>{row.name}</dt>
            <dd>
              {row.value === null ? (
                <>
                  <b>unknown</b>: {row.why ?? 'not given'}
                </>
              ) : (
                <>
                  {row.value}
                  {row.why !== undefined && <span class="muted"> – {row.why}</span>}
                </>
              )}
              {row.name === 'staleness' && staleness !== null && <Staleness staleness={staleness} />}
            </dd>
          </div>
        ))}
      </dl>
    </details>
  );
}
