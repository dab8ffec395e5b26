/** The shown trace beside another one: how far they are the same, and what differs from there on. */

import { useComputed } from '@preact/signals';
import type { JSX } from 'preact';
import { type Compared, differenceOf, partingOf, sideInWords, verdictOf } from '../model/compared.ts';
import { amount } from '../model/metrics.ts';
import { grouped } from '../model/times.ts';
import {
  belowOf,
  compareWithOther,
  differenceInWords,
  goToDifference,
  goToParting,
  isShown,
  letGo,
  nextDifference,
  overlayMetrics,
  stack,
} from './comparing.ts';
import { Table } from './table.tsx';
import type { Viewer } from './viewer.ts';

type Props = { readonly viewer: Viewer };
type Both = Props & { readonly compared: Compared };

/** Most differences, lanes and checks that are laid out. */
const MAX_DIFFERENCES = 100;
const MAX_ROWS = 100;

export function Compare({ viewer }: Props): JSX.Element {
  const { compared, busy, problem } = viewer.comparing;
  const has = compared.value !== null;
  return (
    <section class="details compare" aria-label="Compare" tabIndex={0}>
      <h2>Compare</h2>
      {viewer.host.pickOther === undefined ? (
        <p>
          This page has no other trace to compare with. On the command line: <code>dsys trace diff A B</code>.
        </p>
      ) : (
        <p class="offers">
          <button type="button" onClick={() => void compareWithOther(viewer)}>
            {has ? 'Compare with another trace' : 'Compare with a trace'}
          </button>
          {(has || busy.value !== '') && (
            <button type="button" onClick={() => letGo(viewer)}>
              Let go of it
            </button>
          )}
        </p>
      )}
      {busy.value !== '' && <p class="muted">{busy.value}</p>}
      {problem.value !== '' && <p class="why">{problem.value}</p>}
      {compared.value === null ? (
        <p class="hint">Events that only one of two traces has are marked in the diagram.</p>
      ) : (
        <Differences viewer={viewer} compared={compared.value} />
      )}
    </section>
  );
}

function Differences({ viewer, compared }: Both): JSX.Element {
  const opened = viewer.opened.value!;
  const { comparison, differences, other, name } = compared;
  const { divergence, lanes } = comparison;
  const { at, overlay, stacked } = viewer.comparing;
  const differing = lanes.filter(({ onlyA, onlyB }) => onlyA + onlyB > 0);
  return (
    <>
      <dl>
        <div>
          <dt>A</dt>
          <dd>
            {viewer.file.value?.name.slice(0, 200)}, seed {opened.trace.header.seed} (shown)
          </dd>
        </div>
        <div>
          <dt>B</dt>
          <dd>
            {name}, seed {other.trace.header.seed}
          </dd>
        </div>
      </dl>
      {other.problems.length > 0 && (
        <p class="why">Of B not everything could be read: {other.problems[0].slice(0, 300)}</p>
      )}
      <p>
        <b>{verdictOf(compared)}</b>
      </p>
      {divergence !== undefined && (
        <>
          <ul>
            <li>A: {sideInWords(opened, divergence.a)}</li>
            <li>B: {sideInWords(other, divergence.b)}</li>
          </ul>
          <p class="offers">
            <button type="button" disabled={partingOf(compared) < 0} onClick={() => goToParting(viewer)}>
              Go to where they part
            </button>
            <button type="button" disabled={differences.length === 0} onClick={() => nextDifference(viewer, -1)}>
              Previous difference
            </button>
            <button type="button" disabled={differences.length === 0} onClick={() => nextDifference(viewer, 1)}>
              Next difference
            </button>
          </p>
        </>
      )}
      {at.value >= 0 && (
        <p class="difference">
          {grouped(at.value + 1)} of {grouped(differences.length)}.{' '}
          {differenceInWords(viewer, differenceOf(compared, at.value)!)}
        </p>
      )}
      <p class="offers">
        <button type="button" aria-pressed={stacked.value} onClick={() => stack(viewer)}>
          B on lanes of its own
        </button>
      </p>
      {stacked.value && belowOf(viewer) === null && (
        <p class="hint">
          B is marked in the lanes of A while they are collapsed, and on axes that each trace has for itself.
        </p>
      )}
      {opened.charts.length > 0 && (
        <p class="offers">
          <button type="button" aria-pressed={overlay.value} onClick={() => overlayMetrics(viewer)}>
            Metrics of B over those of A
          </button>
        </p>
      )}
      <Verdicts compared={compared} />
      <Figures compared={compared} />
      {differing.length > 0 && (
        <Table
          caption="Events by lane"
          head={['Lane', 'In both', 'Only A', 'Only B']}
          rows={differing
            .slice(0, MAX_ROWS)
            .map(lane => [lane.name.slice(0, 60), grouped(lane.both), grouped(lane.onlyA), grouped(lane.onlyB)])}
        />
      )}
      {differing.length > MAX_ROWS && <p class="muted">and {grouped(differing.length - MAX_ROWS)} more</p>}
      <List viewer={viewer} compared={compared} />
    </>
  );
}

function Verdicts({ compared: { verdicts, other } }: { readonly compared: Compared }): JSX.Element {
  if (verdicts.length === 0) return <p>{other.trace.checks.length > 0 && 'Every check has the same verdict.'}</p>;
  return (
    <>
      <Table
        caption="Checks whose verdict differs"
        head={['Check', 'A', 'B']}
        rows={verdicts
          .slice(0, MAX_ROWS)
          .map(({ name, a, b }) => [
            name.slice(0, 120),
            ...[a, b].map(verdict =>
              verdict === undefined ? 'not there' : <span class={`verdict ${verdict}`}>{verdict}</span>,
            ),
          ])}
      />
      {verdicts.length > MAX_ROWS && <p class="muted">and {grouped(verdicts.length - MAX_ROWS)} more</p>}
    </>
  );
}

function Figures({ compared }: { readonly compared: Compared }): JSX.Element {
  return (
    <Table
      caption="In total"
      head={['Figure', 'A', 'B', 'Δ']}
      rows={compared.figures.map(({ name, unit, a, b }) => {
        const told = (value: number): string => (Number.isNaN(value) ? 'none' : amount(value, unit));
        const sign = a < b ? '+' : a > b ? '−' : '';
        return [name, told(a), told(b), sign + told(Math.abs(b - a))];
      })}
    />
  );
}

function List({ viewer, compared }: Both): JSX.Element | null {
  const shown = useComputed(() => {
    const found: number[] = [];
    const all = viewer.comparing.compared.value;
    if (all === null) return found;
    for (let index = 0; index < all.differences.length && found.length <= MAX_DIFFERENCES; index++)
      if (isShown(viewer, differenceOf(all, index)!)) found.push(index);
    return found;
  }).value;
  if (compared.differences.length === 0) return null;
  return (
    <>
      <h3>
        {shown.length > MAX_DIFFERENCES ? `The first ${MAX_DIFFERENCES} differences` : 'Differences'}
        {viewer.filterText.value !== '' && ' that the filter lets through'}
      </h3>
      <ol>
        {shown.slice(0, MAX_DIFFERENCES).map(index => (
          <li key={index}>
            <button
              type="button"
              class="link"
              aria-current={index === viewer.comparing.at.value}
              onClick={() => goToDifference(viewer, index)}
            >
              {differenceInWords(viewer, differenceOf(compared, index)!)}
            </button>
          </li>
        ))}
      </ol>
    </>
  );
}
